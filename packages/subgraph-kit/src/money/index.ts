export { parseCurrency, requireCurrency } from "./currency.ts";
