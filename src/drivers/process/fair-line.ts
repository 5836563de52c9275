import type { Ticket } from "../../ports/index.ts";

/** A line in which people, not tickets, take turns: one ticket each, round and round. */
export function createFairLine() {
  /** By person in the order of their next turn; a person without tickets is not in it. */
  const waiting = new Map<string, Ticket[]>();
  /** Whose job it is; with many waiting, looking for it would take longer than all the rest. */
  const people = new Map<string, string>();

  return {
    add(ticket: Ticket): void {
      const own = waiting.get(ticket.user);
      if (own === undefined) waiting.set(ticket.user, [ticket]);
      else own.push(ticket);
      people.set(ticket.jobId, ticket.user);
    },

    /** The first ticket of the first person who may start one; that person goes to the end. */
    takeNext(mayStart: (user: string) => boolean): Ticket | null {
      for (const [user, own] of waiting) {
        if (!mayStart(user)) continue;
        const ticket = own.shift();
        waiting.delete(user);
        if (own.length > 0) waiting.set(user, own);
        if (ticket === undefined) continue;
        people.delete(ticket.jobId);
        return ticket;
      }
      return null;
    },

    remove(jobId: string): Ticket | null {
      const user = people.get(jobId);
      const own = user === undefined ? undefined : waiting.get(user);
      if (user === undefined || own === undefined) return null;
      people.delete(jobId);
      const index = own.findIndex((ticket) => ticket.jobId === jobId);
      const [ticket] = own.splice(index, 1);
      if (own.length === 0) waiting.delete(user);
      return ticket ?? null;
    },

    waitingFor: (user: string): number => waiting.get(user)?.length ?? 0,

    has: (jobId: string): boolean => people.has(jobId),

    /** How many tickets are taken before this one when turns go round evenly; null when absent. */
    position(jobId: string): number | null {
      const mine = people.get(jobId);
      if (mine === undefined) return null;
      const turn = waiting.get(mine)?.findIndex((ticket) => ticket.jobId === jobId) ?? 0;
      let before = turn;
      let isBehindMe = false;
      for (const [user, own] of waiting) {
        if (user === mine) isBehindMe = true;
        else before += Math.min(own.length, isBehindMe ? turn : turn + 1);
      }
      return before;
    },
  };
}
