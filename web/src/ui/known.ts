/** Names that Weir knows, for fields that find them by a part. */
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';

import { answered, api } from '../api/client';

/** Ids of a few users that hold what was typed, as soon as typing pauses; whoever is chosen is not looked for again. */
export function useUsersLike(typed: string, { wanted = true, chosen = '' } = {}): string[] {
  const [search] = useDebouncedValue(typed.trim(), 200);
  const found = useQuery({
    queryKey: ['usage', 'whom', search],
    queryFn: ({ signal }) => answered(api.GET('/api/v1/users', { params: { query: { search, limit: 12 } }, signal })),
    enabled: wanted && search !== '' && search !== chosen,
    placeholderData: (before) => before,
  });
  return (found.data?.users ?? []).map((one) => one.user_id);
}

/** All teams. */
export function useTeamNames(wanted = true): string[] {
  const teams = useQuery({ queryKey: ['usage', 'teams'], queryFn: ({ signal }) => answered(api.GET('/api/v1/teams', { signal })), enabled: wanted });
  return (teams.data?.teams ?? []).map((one) => one.team);
}
