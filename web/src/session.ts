/** Who is signed in, and what they may do. */
import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext } from 'react';

import { answered, api, ApiError, type Schemas } from './api/client';

export type Me = Schemas['Me'];

/** What a role may do, in the server's words (`core::operator::Permission`). */
export type Permission =
  | 'read-own' | 'read-usage' | 'read-prices' | 'read-audit' | 'read-system' | 'block' | 'lift-others-block'
  | 'change-quotas' | 'change-prices' | 'change-people' | 'make-tokens' | 'manage-operators' | 'manage-system';

/** `null` is nobody. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await answered(api.GET('/api/v1/me', { signal }));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

export function useSession() {
  return useQuery(meQuery);
}

export const MeContext = createContext<Me | null>(null);

export function useMe(): Me {
  const me = useContext(MeContext);
  if (me === null) throw new Error('nobody is signed in');
  return me;
}

export function useMay(permission: Permission): boolean {
  return useMe().permissions.includes(permission);
}
