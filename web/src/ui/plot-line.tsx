import { LineChart } from '@mantine/charts';

import type { PlotProps } from './chart';
import { common } from './plot';

export default function Plot(props: PlotProps) {
  return <LineChart {...common(props)} curveType="monotone" dotProps={{ r: 2 }} strokeWidth={2} connectNulls lineProps={{ isAnimationActive: false }} />;
}
