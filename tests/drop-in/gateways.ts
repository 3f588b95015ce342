import { ApolloGateway } from "@apollo/gateway";
import { TributaryGateway } from "@tributary/executor";

/** What the app below is made with: the one line of it that differs. */
export const GATEWAYS: Readonly<Record<"stock" | "ours", typeof ApolloGateway>> = {
  stock: ApolloGateway,
  ours: TributaryGateway,
};
