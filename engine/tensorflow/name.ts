/** The name under which the backend is registered with tfjs. */
export const BACKEND = "tensorflow";
