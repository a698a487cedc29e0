import { systemName, table } from '../html.ts';
import type { FaultView, StateView } from '../state-view.ts';
import type { Region } from './view.ts';

/** What engineers look at: every request, and the faults that are armed. */
export function logRegions(view: StateView): Region[] {
  return [
    {
      id: 'log',
      html: `<section class="card"><h1>Requests</h1>
<p class="quiet">What Dealseat asked of the three systems, newest first. For programs: <a href="/state.json">/state.json</a>, where redemption codes are masked.</p>
<h2>Active faults</h2>${table(['System', 'Kind', 'Request', 'Times left'], view.faults.map(faultCells))}
<h2>Recent requests</h2>${table(
        ['Time', 'System', 'Request', 'Status', 'Fault'],
        view.requests.map(({ at, system, method, path, parts = [], status, fault }) => [
          at.slice(11, 23),
          systemName(system),
          [`${method} ${path}`, ...parts.map((part) => `${part.method} ${part.path}`)].join('\n'),
          status === null ? 'connection closed' : String(status),
          fault ?? '',
        ]),
      )}
<h2>Files</h2>${table(
        ['CRM', 'Id', 'Name', 'Bytes'],
        view.files.map(({ system, id, name, byteCount }) => [
          systemName(system),
          id,
          name,
          String(byteCount),
        ]),
      )}</section>`,
    },
  ];
}

function faultCells({ system, kind, method, path, left }: FaultView): string[] {
  return [systemName(system), kind, `${method ?? 'any method'} ${path ?? 'any path'}`, String(left)];
}
