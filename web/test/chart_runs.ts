import type { TestApp } from '../../server/test/app.ts';

/** Logs runs with curves that are the same each time, and gives their ids. */
export async function logRuns(maestro: TestApp, count: number, points: number): Promise<string[]> {
  const as = maestro.tenants.a.keys.data_scientist;
  const send = async (path: string, json: unknown): Promise<unknown> => {
    const { status, body, text } = await maestro.send('POST', `/api/v1${path}`, { as, json });
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
    return body;
  };
  const start = 1_790_000_000_000;
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const rate = [0.1, 0.03, 0.01, 0.003][number % 4] as number;
    const name =
      number === 1
        ? '<img src=x onerror=alert(1)> "hostile"'
        : `${['resnet', 'vit', 'mlp'][number % 3]}-lr${rate}-${number}`;
    const run = (await send('/runs', { experiment_id: 0, name, start_time: start + number * 60_000 })) as {
      run_id: string;
    };
    ids.push(run.run_id);
    await send(`/runs/${run.run_id}/log`, {
      params: [
        { key: 'lr', value: String(rate) },
        { key: 'model', value: ['resnet', 'vit', 'mlp'][number % 3] },
        { key: 'batch', value: String(16 * (1 + (number % 5))) },
      ],
    });
    const noise = (step: number, salt: number) =>
      ((((step + 1) * 7919 * (salt + 3) + number * 104_729) % 1009) / 1009 - 0.5) * 0.2;
    const metrics = Array.from({ length: points }, (_, step) => {
      const decay = Math.exp((-step * (rate + 0.02) * 20) / points);
      const at = { step, timestamp: start + number * 60_000 + step * 1000 };
      const loss =
        number === 2 && step > points * 0.7 && step < points * 0.75 ? 'NaN' : 0.3 + 2 * decay + noise(step, 1);
      return [
        { ...at, key: 'train/loss', value: loss },
        { ...at, key: 'val/loss', value: 0.35 + 2 * decay + noise(step, 2) * 0.4 },
        { ...at, key: 'val/accuracy', value: 1 - 0.7 * decay + noise(step, 3) * 0.1 },
        { ...at, key: 'epoch', value: Math.floor((step * 10) / points) },
        { ...at, key: 'system/cpu_percent', value: 50 + 40 * noise(step, 4) },
      ];
    }).flat();
    for (let at = 0; at < metrics.length; at += 1000) {
      await send(`/runs/${run.run_id}/log`, { metrics: metrics.slice(at, at + 1000) });
    }
    if (number % 2 === 0)
      await maestro.send('PATCH', `/api/v1/runs/${run.run_id}`, { as, json: { status: 'FINISHED' } });
  }
  return ids;
}
