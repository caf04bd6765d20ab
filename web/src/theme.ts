import { createTheme, type MantineColorsTuple, type CSSVariablesResolver } from '@mantine/core';

/** Water: from mist to the deep. */
const weir: MantineColorsTuple = [
  '#e9f6f8', '#d3eaee', '#a6d5dd', '#76bfcb', '#50adbd', '#38a2b5', '#1c7e90', '#0f6a7b', '#0b5766', '#063f4b',
];

export const theme = createTheme({
  primaryColor: 'weir',
  // White on it has more than 4.5 to 1 in both schemes.
  primaryShade: 7,
  autoContrast: true,
  colors: { weir },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: { fontWeight: '650' },
  components: {
    Card: { defaultProps: { withBorder: true, padding: 'md', radius: 'md' } },
    Table: { defaultProps: { verticalSpacing: 6, horizontalSpacing: 'sm' } },
    Tooltip: { defaultProps: { withArrow: true, events: { hover: true, focus: true, touch: true } } },
    Modal: { defaultProps: { centered: true } },
  },
});

/** Text that is not the main thing still has a contrast of 4.5 to 1. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#57636b',
    '--mantine-color-error': '#b3271b',
    '--mantine-color-body': '#f6f8f9',
    '--weir-card': '#ffffff',
    '--weir-weekend': '#eef2f4',
    '--weir-past': '#c3ced3',
    '--weir-amber': '#8a5a00',
    '--weir-red': '#b3271b',
    '--weir-green': '#2b6e1f',
    '--weir-amber-soft': '#fdf1dd',
    '--weir-red-soft': '#fde5e3',
    '--weir-green-soft': '#e6f4e3',
    '--weir-blue-soft': '#dff0f3',
    '--weir-blue': '#0b5766',
    '--weir-grey-soft': '#e9edef',
    '--weir-grey': '#4a565d',
  },
  dark: {
    '--mantine-color-dimmed': '#9aa7af',
    '--mantine-color-error': '#f5948a',
    '--mantine-color-body': '#12181b',
    '--weir-card': '#1a2226',
    '--weir-weekend': '#1f292e',
    '--weir-past': '#45535a',
    '--weir-amber': '#f4b860',
    '--weir-red': '#f5948a',
    '--weir-green': '#9cd286',
    '--weir-amber-soft': '#3a2d16',
    '--weir-red-soft': '#40211f',
    '--weir-green-soft': '#20331b',
    '--weir-blue-soft': '#14343b',
    '--weir-blue': '#8ad0da',
    '--weir-grey-soft': '#2a3338',
    '--weir-grey': '#b6c1c7',
  },
});

/** Colours of series: told apart in both schemes and by those who see few colours. */
export const SERIES = ['weir.5', 'orange.5', 'grape.5', 'lime.6', 'pink.5', 'indigo.4', 'yellow.6', 'cyan.4', 'red.5', 'gray.5'];
