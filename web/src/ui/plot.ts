/** What all drawings have in common. */
import '@mantine/charts/styles.css';
import type { ReactNode } from 'react';

import type { PlotProps } from './chart';

export function common({ data, by, series, named, valued, height }: PlotProps) {
  return {
    h: height,
    data,
    dataKey: by,
    series: series.map(({ name, label, color }) => ({ name, label, color })),
    valueFormatter: valued,
    gridAxis: 'x' as const,
    tickLine: 'none' as const,
    strokeDasharray: '3 4',
    xAxisProps: { tickFormatter: named, minTickGap: 24 },
    yAxisProps: { width: 64, tickFormatter: valued, tickCount: 4 },
    tooltipProps: { labelFormatter: (name: ReactNode) => (typeof name === 'string' ? named(name) : name) },
    tooltipAnimationDuration: 0,
  };
}
