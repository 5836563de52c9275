import type { Ticket } from "../../ports/index.ts";

/** A line in which people, not tickets, take turns: one ticket each, round and round. */
export function createFairLine() {
  /** By person in the order of their next turn; a person without tickets is not in it. */
  const waiting = new Map<string, Ticket[]>();

  return {
    add(ticket: Ticket): void {
      const own = waiting.get(ticket.user);
      if (own === undefined) waiting.set(ticket.user, [ticket]);
      else own.push(ticket);
    },

    /** The first ticket of the first person who may start one; that person goes to the end. */
    takeNext(mayStart: (user: string) => boolean): Ticket | null {
      for (const [user, own] of waiting) {
        if (!mayStart(user)) continue;
        const ticket = own.shift();
        waiting.delete(user);
        if (own.length > 0) waiting.set(user, own);
        if (ticket !== undefined) return ticket;
      }
      return null;
    },

    remove(jobId: string): Ticket | null {
      for (const [user, own] of waiting) {
        const index = own.findIndex((ticket) => ticket.jobId === jobId);
        if (index === -1) continue;
        const [ticket] = own.splice(index, 1);
        if (own.length === 0) waiting.delete(user);
        return ticket ?? null;
      }
      return null;
    },

    waitingFor: (user: string): number => waiting.get(user)?.length ?? 0,

    /** How many tickets are taken before this one when turns go round evenly; null when absent. */
    position(jobId: string): number | null {
      const people = [...waiting.values()];
      const mine = people.findIndex((own) => own.some((ticket) => ticket.jobId === jobId));
      const turn = people[mine]?.findIndex((ticket) => ticket.jobId === jobId);
      if (turn === undefined) return null;
      return people.reduce((before, own, person) => {
        if (person === mine) return before + turn;
        return before + Math.min(own.length, person < mine ? turn + 1 : turn);
      }, 0);
    },
  };
}
