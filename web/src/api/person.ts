/** Whether somebody is at the page: an open page that reads by itself must not keep a session alive. */

/** Reads that follow what somebody did: what a click opens, and what that needs. */
const FOLLOWS = 5_000;

export interface Person {
  /** Somebody did something. */
  acted: () => void;
  /** Whether a read of this moment is somebody's, rather than the page's own. */
  asks: () => boolean;
}

export function person(now: () => number = () => Date.now()): Person {
  // Whoever opens the page has done something.
  let acted = now();
  let told = Number.NEGATIVE_INFINITY;
  return {
    acted() {
      acted = now();
    },
    asks() {
      // What somebody did without any read, as sorting a table, is told by the next one, whatever caused it.
      const asks = told < acted || now() - acted < FOLLOWS;
      if (asks) told = now();
      return asks;
    },
  };
}

/** Whoever is at this page. */
export const somebody = person();

/** Moving the pointer is no deed: a table that shakes a mouse would never be idle. */
export function watchFor(somebody: Person, place: Window): void {
  for (const deed of ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const) {
    place.addEventListener(deed, somebody.acted, { capture: true, passive: true });
  }
}
