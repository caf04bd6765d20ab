import { Group, Text } from '@mantine/core';

export function Logo() {
  return (
    <Group gap={10} wrap="nowrap">
      <svg width={28} height={28} viewBox="0 0 32 32" aria-hidden>
        <rect width={32} height={32} rx={7} fill="#0f4c5c" />
        <path d="M5 12c3.5-3 6-3 9 0v12H5z" fill="#7fd1d8" />
        <path d="M18 20c3.5-2.4 6-2.4 9 0v4h-9z" fill="#3a9aa8" />
        <path d="M14.5 8h3v16h-3z" fill="#fff" />
      </svg>
      <Text span fw={700} size="lg">Weir</Text>
    </Group>
  );
}
