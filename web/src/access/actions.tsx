export function Actions(_: { user?: string; team?: string; state?: string; compact?: boolean }) {
  return null;
}

export function BlockSomebody() {
  return null;
}
