import { Context } from '@temporalio/activity';
import type { OwnRunActivities } from '../contracts/own-run.ts';

export const ownRunActivities: OwnRunActivities = {
  async requestCancel() {
    const { client, info } = Context.current();
    const { workflowId = '', runId } = info.workflowExecution ?? {};
    await client.workflow.getHandle(workflowId, runId).cancel();
  },
};
