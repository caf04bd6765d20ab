/** The hours of two days side by side: light enough for the first page, which the chart library is not. */
import { Group, Text } from '@mantine/core';

import type { PlotProps } from './chart';
import classes from './plot-hours.module.css';

/** A round number that is at least the largest. */
function ceiling(most: number): number {
  if (most <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 1.5, 2, 3, 4, 5, 8, 10].map((step) => step * unit).find((step) => step >= most) ?? most;
}

export default function Plot({ data, by, series, named, valued, height }: PlotProps) {
  const figure = (value: string | number | null | undefined) => (typeof value === 'number' ? value : null);
  const top = ceiling(Math.max(0, ...data.flatMap((point) => series.map((one) => figure(point[one.name]) ?? 0))));
  return (
    <>
      <div className={classes.plot} style={{ height: height - 28 }}>
        <div className={classes.scale}>
          {[1, 0.5, 0].map((part) => <span key={part}>{valued(top * part)}</span>)}
        </div>
        <div className={classes.bars}>
          {data.map((point, at) => {
            const name = named(String(point[by]));
            const told = series.map((one) => `${one.label}: ${figure(point[one.name]) === null ? '–' : valued(figure(point[one.name]) ?? 0)}`);
            return (
              <div key={name} className={classes.hour} title={[name, ...told].join('\n')}>
                <div className={classes.pair}>
                  {series.map((one) => (
                    <i key={one.name} data-series={one.name} style={{ height: `${((figure(point[one.name]) ?? 0) / top) * 100}%` }} />
                  ))}
                </div>
                <span className={classes.name}>{at % 3 === 0 ? name : ''}</span>
              </div>
            );
          })}
        </div>
      </div>
      <Group justify="center" gap="md" mt={6}>
        {series.map((one) => (
          <Group key={one.name} gap={6}><i className={classes.key} data-series={one.name} /><Text size="xs" c="dimmed">{one.label}</Text></Group>
        ))}
      </Group>
    </>
  );
}
