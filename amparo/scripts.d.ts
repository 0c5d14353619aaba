// What the type check of our scripts (make lint-js) takes for granted: an element has the properties that we use. Our own
// functions, their arguments and the imports are checked.

interface EventTarget {
  [property: string]: any;
}

interface Event {
  readonly detail?: any;
}

interface ParentNode {
  querySelector(selectors: string): any;
  querySelectorAll(selectors: string): NodeListOf<any>;
}

interface Element {
  closest(selectors: string): any;
}

interface Credential {
  toJSON(): any;
}

// So that URLSearchParams takes a form without files.
interface FormData {
  readonly size: number;
  sort(): void;
  get(name: string): any;
  getAll(name: string): any[];
  entries(): any;
  values(): any;
  forEach(callback: (value: any, key: string, parent: any) => void): void;
  [Symbol.iterator](): any;
}
