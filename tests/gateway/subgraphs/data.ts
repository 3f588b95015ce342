/*
 * The data of the public benchmark of GraphQL gateways (graphql-hive/graphql-gateways-benchmark), in sizes and
 * relations: 6 users, 9 products, 11 reviews, all by the first user, who is given the first two. Names are of equal
 * length, not equal. And a catalogue of 400 products whose 800 reviews are all different, for a query without repetition.
 */

export interface Product {
  readonly upc: string;
  readonly name: string;
  readonly price: number;
  readonly weight: number;
}

export interface Review {
  readonly id: string;
  readonly body: string;
  readonly product: { readonly upc: string };
}

const LOREM =
  "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna " +
  "aliqua. Ut enim ad minim veniam, quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat. " +
  "Duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur. Excepteur " +
  "sint occaecat cupidatat non proident, sunt in culpa qui officia deserunt mollit anim id est laborum.";
const SED =
  "Sed ut perspiciatis unde omnis iste natus error sit voluptatem accusantium doloremque laudantium, totam rem " +
  "aperiam, eaque ipsa quae ab illo inventore veritatis et quasi architecto beatae vitae dicta sunt explicabo. Nemo " +
  "enim ipsam voluptatem quia voluptas sit aspernatur aut odit aut fugi";
const QUIA =
  "sed quia consequuntur magni dolores eos qui ratione voluptatem sequi nesciunt. Neque porro quisquam est, qui " +
  "dolorem ipsum quia dolor sit amet, consectetur, adipisci velit, sed quia non numquam eius modi tempora incidunt ut " +
  "labore et dolore magnam aliquam quaerat voluptatem.";
const MINIMA =
  "Ut enim ad minima veniam, quis nostrum exercitationem ullam corporis suscipit laboriosam, nisi ut aliquid ex ea " +
  "commodi consequatur? Quis autem";
const AT_VERO =
  "At vero eos et accusamus et iusto odio dignissimos ducimus qui blanditiis praesentium voluptatum deleniti atque " +
  "corrupti quos dolores et quas molestias excepturi sint occaecati cupiditate non provident, similique sunt in culpa " +
  "qui officia deserunt mollitia animi, id est laborum et dolorum fuga. Et harum quidem rerum facilis est et expedita " +
  "distinctio. Nam libero tempore, cum soluta nobis est eligendi optio cumque nihil impedit quo minus id quod maxime " +
  "placeat facere possimus, omnis voluptas assumenda est, omnis dolor repellendus. Temporibus autem quibusdam et aut " +
  "officiis debitis aut rerum necessitatibus saepe eveniet ut et voluptates repudiandae sint et molestiae non " +
  "recusandae. Itaque earum rerum hic tenetur a sapiente delectus, ut aut reiciendis voluptatibus maiores alias " +
  "consequatur aut perferendis doloribus asperiores repellat.";

export const USERS = [
  ["first", "The first user"],
  ["the-second", "Second user"],
  ["third-in-row", "The third user"],
  ["the-4th", "Number the 4th"],
  ["fifth-user", "Fifth buyer"],
  ["no-six", "Sixth client"],
].map(([username, name], index) => ({ id: `${index + 1}`, name, username, birthday: 1234567890 }));

export const PRODUCTS: readonly Product[] = (
  [
    ["Table", 899, 100],
    ["Couch", 1299, 1000],
    ["Glass", 15, 20],
    ["Chair", 499, 100],
    ["TV", 1299, 1000],
    ["Lamp", 6999, 300],
    ["Grill", 3999, 2000],
    ["Fridge", 100000, 6000],
    ["Sofa", 9999, 800],
  ] as const
).map(([name, price, weight], index) => ({ upc: `${index + 1}`, name, price, weight }));

const inStock = new Set(["1", "5", "6", "7", "9"]);

export const REVIEWS: readonly Review[] = (
  [
    ["1", [LOREM, SED, QUIA, MINIMA]],
    ["2", [LOREM, SED, QUIA, MINIMA]],
    ["3", [MINIMA]],
    ["4", [MINIMA, AT_VERO]],
  ] as const
)
  .flatMap(([upc, bodies]) => bodies.map((body) => ({ body, product: { upc } })))
  .map((review, index) => ({ id: `${index + 1}`, ...review }));

const CATALOGUE_FROM = 1000;

export const CATALOGUE: readonly Product[] = Array.from({ length: 400 }, (_, index) => ({
  upc: `${CATALOGUE_FROM + index}`,
  name: `Product number ${index}`,
  price: 10 + ((index * 37) % 1900),
  weight: 1 + ((index * 53) % 997),
}));

export function isInStock(upc: string): boolean {
  return inStock.has(upc) || (Number(upc) >= CATALOGUE_FROM && Number(upc) % 3 === 0);
}

/** As the public benchmark has it: free above 1000, else by weight. */
export function shippingEstimate({ price, weight }: Pick<Product, "price" | "weight">): number {
  return price > 1000 ? 0 : Math.floor(weight / 2);
}

export function findProduct(upc: string): Product | undefined {
  return PRODUCTS[Number(upc) - 1] ?? CATALOGUE[Number(upc) - CATALOGUE_FROM];
}

export function reviewsOf(upc: string): readonly Review[] {
  if (Number(upc) < CATALOGUE_FROM) return REVIEWS.filter(({ product }) => product.upc === upc);
  return [1, 2].map((number) => ({
    id: `${upc}-${number}`,
    body: `Review ${number} of product ${upc}: as described, came in ${upc.slice(-2)} hours.`,
    product: { upc },
  }));
}
