/* Things that can be turned: one of a built-in class, and one of the same class written in the world. */

export const BUILT_IN_GADGET = 'crank';
export const SAVED_GADGET = 'wheel';
/** In what either answers, each time something else. */
export const GADGET_ANSWER = 'It turns';
