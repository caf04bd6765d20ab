/** Charts, each with the same figures as a table. The drawing is loaded when it is needed. */
import { ActionIcon, Box, Card, ColorSwatch, Group, Skeleton, Table, Text, Title, Tooltip } from '@mantine/core';
import { ChartColumnIcon, TableIcon } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';

import { useText } from '../i18n/language';
import classes from './chart.module.css';

export interface Series {
  name: string;
  label: string;
  color: string;
}

export type PlotProps = ChartProps & { named: (name: string) => string; height: number };

export type Point = Record<string, string | number | null>;

export interface ChartProps {
  title: string;
  /** What the points are: day, hour. */
  axis: string;
  kind: 'hours' | 'bar' | 'line' | 'stacked';
  data: Point[];
  /** The key of a point's name. */
  by: string;
  series: Series[];
  /** How a name is shown. */
  named?: ((name: string) => string) | undefined;
  /** How a figure is shown. */
  valued: (value: number) => string;
  height?: number;
  extra?: ReactNode;
}

const PLOTS = {
  hours: lazy(() => import('./plot-hours')),
  line: lazy(() => import('./plot-line')),
  bar: lazy(() => import('./plot-bar')),
  stacked: lazy(() => import('./plot-bar')),
};

export function Chart(props: ChartProps) {
  const { title, kind, named = (name: string) => name, height = 240, extra } = props;
  const t = useText();
  const [table, setTable] = useState(false);
  const Plot = PLOTS[kind];
  return (
    <Card component="section" aria-label={title}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h5">{title}</Title>
        <Group gap="xs" ml="auto">
          {extra}
          <Tooltip label={table ? t.chart.asChart : t.chart.asTable}>
            <ActionIcon variant="default" size="sm" aria-pressed={table} aria-label={`${title}: ${t.chart.asTable}`} onClick={() => setTable(!table)}>
              {table ? <ChartColumnIcon size={14} aria-hidden /> : <TableIcon size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      {table ? <Figures {...props} /> : (
        <Box role="img" aria-label={title} className={classes.chart}>
          <Suspense fallback={<Skeleton h={height} />}><Plot {...(kind === 'hours' ? props : keyed(props))} named={named} height={height} /></Suspense>
          {kind !== 'hours' && props.series.length > 1 && <Legend series={props.series} />}
        </Box>
      )}
    </Card>
  );
}

/** Beside the drawing and not in it: many names would leave it no height. */
function Legend({ series }: { series: Series[] }) {
  return (
    <Group justify="flex-end" gap="4px 12px" mt="xs">
      {series.map((one) => (
        <Group key={one.name} gap={6} wrap="nowrap">
          <ColorSwatch color={`var(--mantine-color-${one.color.replace('.', '-')})`} size={10} withShadow={false} />
          <Text size="xs">{one.label}</Text>
        </Group>
      ))}
    </Group>
  );
}

/** The drawing takes names with dots for paths: it is given numbers. */
export function keyed(props: ChartProps): ChartProps {
  const { series, data, by } = props;
  return {
    ...props,
    series: series.map((one, at) => ({ ...one, name: `s${at}` })),
    data: data.map((point) => ({ [by]: point[by] ?? null, ...Object.fromEntries(series.map((one, at) => [`s${at}`, point[one.name] ?? null])) })),
  };
}

function Figures({ title, axis, data, by, series, named = (name: string) => name, valued, height = 240 }: ChartProps) {
  return (
    <Box className={classes.table} mah={height + 40} role="region" aria-label={title} tabIndex={0}>
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{axis}</Table.Th>
            {series.map((one) => <Table.Th key={one.name} scope="col" ta="right">{one.label}</Table.Th>)}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.map((point) => (
            <Table.Tr key={String(point[by])}>
              <Table.Th scope="row" fw={400}>{named(String(point[by]))}</Table.Th>
              {series.map((one) => {
                const value = point[one.name];
                return (
                  <Table.Td key={one.name} ta="right" className="number">
                    {typeof value === 'number' ? valued(value) : <Text span c="dimmed">–</Text>}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Box>
  );
}
