/** Generated code that writes bytes into `O` at `P`, in the making. */
export class WriterCode {
  readonly functions: string[] = [];
  /** Texts that are copied, as `L`. */
  readonly literals: Buffer[] = [];
  #count = 0;

  /** A name that no other function has. */
  name(what: string): string {
    return `${what}${this.#count++}`;
  }

  /** Code that writes a text that is always the same. */
  literal(text: string): string {
    const bytes = Buffer.from(text);
    if (bytes.length > 24) {
      this.literals.push(bytes);
      return `copy(L[${this.literals.length - 1}],0,${bytes.length});`;
    }
    const stores = [...bytes].map((byte, index) => `O[P+${index}]=${byte};`).join("");
    return `if(P+${bytes.length}>O.length)grow(${bytes.length});${stores}P+=${bytes.length};`;
  }

  /** The functions that all of these use, before all of them. Who writes begins with `begin`. */
  static readonly prelude = `let O=rt.scratch.buffer,P=0;
function begin(){O=rt.scratch.buffer;P=0}
function grow(more){O=rt.scratch.grow(P,more)}
function copy(b,s,e){
const l=e-s;if(P+l>O.length)grow(l);
if(l<48){for(let i=s,o=O,p=P;i<e;i++,p++)o[p]=b[i];P+=l}else{b.copy(O,P,s,e);P+=l}}
function again(s,e){const l=e-s;if(P+l>O.length)grow(l);O.copyWithin(P,s,e);P+=l}`;
}
