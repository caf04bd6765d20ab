import { BarChart } from '@mantine/charts';

import type { PlotProps } from './chart';
import { common } from './plot';

export default function Plot(props: PlotProps) {
  return <BarChart {...common(props)} type={props.kind === 'stacked' ? 'stacked' : 'default'} maxBarWidth={32} barProps={{ isAnimationActive: false }} />;
}
