import { Connection, isGrpcServiceError } from '@temporalio/client';
import type { Config } from '../../config/config.ts';
import { countOf } from '../../domain/words.ts';
import { loadTemporalTarget, type TemporalTarget } from '../../temporal/connection.ts';
import { checkSearchAttributes } from '../../temporal/search-attribute-setup.ts';
import { addressOf, CONNECT_TIMEOUT_MS, grpcErrorIn } from '../terminal/temporal-answers.ts';
import { failed, ofSetup, ok, type Tried, warning } from './check.ts';

const DEADLINE_MS = 10_000;
/** `temporal.api.enums.v1.TaskQueueType`. */
const QUEUES = { workflows: 1, activities: 2 } as const;
/** A run that is forgotten within a weekend cannot be looked into after it. */
const LEAST_RETENTION_DAYS = 3;
const DAY_S = 86_400;

/** gRPC statuses: the deadline passed, no such thing, no right to it, nobody there, no credentials. */
const GRPC = { deadline: 4, notFound: 5, forbidden: 7, unavailable: 14, unauthenticated: 16 } as const;

/** Whether Temporal answers, has the namespace and our search attributes, and whether a worker is there. */
export async function* checkTemporal(
  env: NodeJS.ProcessEnv,
  { taskQueue }: Config,
  { fix }: { readonly fix: boolean },
): AsyncGenerator<Tried> {
  const target = loadTemporalTarget(env);
  const connection = Connection.lazy({ ...target.connectionOptions, connectTimeout: CONNECT_TIMEOUT_MS });
  const within = <T>(work: () => Promise<T>) => connection.withDeadline(Date.now() + DEADLINE_MS, work);
  const name = `Server ${addressOf(target)}`;
  try {
    const silence = await connection.ensureConnected().then(
      () => null,
      (error: unknown) => error,
    );
    if (silence !== null) {
      yield failedBy(name, grpcErrorIn(silence) ?? { code: GRPC.unavailable, details: '' }, target);
      return;
    }
    const { serverVersion } = await within(() => connection.workflowService.getSystemInfo({}));
    yield ok(name, serverVersion ? `version ${serverVersion}` : null);
    const namespace = await within(() => checkNamespace(connection, target));
    yield namespace;
    if (namespace.state === 'failed') return;
    for (const check of await checkSearchAttributes(target, { fix })) yield ofSetup(check);
    yield await within(() => checkWorkers(connection, { target, taskQueue }));
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    yield failedBy(name, error, target);
  } finally {
    await connection.close();
  }
}

async function checkNamespace(connection: Connection, { namespace }: TemporalTarget): Promise<Tried> {
  const name = `Namespace ${namespace}`;
  try {
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    const days = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) / DAY_S;
    const kept = `ended runs are kept for ${Number.isInteger(days) ? countOf(days, 'day') : `${days.toFixed(1)} days`}`;
    if (days === 0 || days >= LEAST_RETENTION_DAYS) return ok(name, days === 0 ? null : kept);
    return warning(
      name,
      kept,
      `Keep them for ${LEAST_RETENTION_DAYS} days or more: \`temporal operator namespace update --namespace ${namespace} --retention 7d\`.`,
    );
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== GRPC.notFound) throw error;
    const create = `temporal operator namespace create --namespace ${namespace} --retention 7d`;
    return failed(
      name,
      'the server has no such namespace',
      `Set TEMPORAL_NAMESPACE, or create it: \`${create}\`.`,
    );
  }
}

async function checkWorkers(
  connection: Connection,
  { target: { namespace }, taskQueue }: { readonly target: TemporalTarget; readonly taskQueue: string },
): Promise<Tried> {
  const name = `Worker on task queue ${taskQueue}`;
  const counts = await Promise.all(
    Object.values(QUEUES).map(async (taskQueueType) => {
      const asked = { namespace, taskQueue: { name: taskQueue }, taskQueueType };
      const { pollers } = await connection.workflowService.describeTaskQueue(asked);
      return pollers?.length ?? 0;
    }),
  );
  const least = Math.min(...counts);
  if (least > 0) return ok(name, `${least} polling`);
  return warning(
    name,
    'none polls now, so runs do not go on',
    `Run \`dealseat start\` or \`dealseat worker\` with DEALSEAT_TASK_QUEUE=${taskQueue}.`,
  );
}

interface Answer {
  readonly code: number;
  readonly details: string;
}

function failedBy(name: string, answer: Answer, target: TemporalTarget): Tried {
  return failed(name, answerOf(answer), cureOf(answer.code, target));
}

function answerOf({ code, details }: Answer): string {
  return code === GRPC.unavailable || code === GRPC.deadline ? 'does not answer' : `refused: ${details}`;
}

function cureOf(code: number, { connectionOptions }: TemporalTarget): string {
  if (code === GRPC.forbidden || code === GRPC.unauthenticated)
    return 'Check TEMPORAL_API_KEY or the certificates.';
  return connectionOptions.address === undefined
    ? 'No TEMPORAL_* variable names a server: run `dealseat start`, which brings one, or set TEMPORAL_ADDRESS.'
    : 'Check TEMPORAL_ADDRESS, and that the server runs.';
}
