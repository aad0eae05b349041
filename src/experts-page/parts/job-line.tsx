import type { Job } from '../state/job.ts';
import { TEXT } from '../text.ts';

interface JobLineProps {
  readonly job: Job;
  /** What is being done, where it is not the counting. */
  readonly doing?: string | null;
}

/** How far a work is, how to stop it, and what came of it. */
export function JobLine({ job, doing = null }: JobLineProps) {
  const progress = job.progress.value;
  const isRunning = job.running.value !== null;
  const share = progress === null || progress.total === 0 ? 0 : progress.done / progress.total;
  const counted =
    progress === null || progress.total === 0 ? TEXT.working : TEXT.progress(progress.done, progress.total);
  return (
    <div class="job">
      {isRunning ? (
        <>
          <div
            class="progress"
            role="progressbar"
            aria-label={TEXT.progressName}
            aria-valuemin={0}
            aria-valuemax={100}
            {...(doing === null && share > 0 ? { 'aria-valuenow': Math.round(share * 100) } : {})}
          >
            <div class="progress-bar" style={{ inlineSize: `${doing === null ? share * 100 : 100}%` }} />
          </div>
          <button type="button" onClick={job.stop}>
            {TEXT.stop}
          </button>
        </>
      ) : null}
      <p role="status" class={job.isFailed.value ? 'error' : undefined}>
        {isRunning ? (doing ?? counted) : job.message.value}
      </p>
    </div>
  );
}
