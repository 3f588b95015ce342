-- CreateEnum
CREATE TYPE "OrderStatus" AS ENUM ('PENDING', 'CREDIT_RESERVED', 'PAYMENT_AUTHORISED', 'CONFIRMED', 'FULFILLED', 'REJECTING', 'REJECTED', 'CANCELLING', 'CANCELLED');

-- CreateEnum
CREATE TYPE "PaymentTerms" AS ENUM ('PREPAID', 'ON_ACCOUNT');

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "customer_id" UUID NOT NULL,
    "status" "OrderStatus" NOT NULL,
    "payment_terms" "PaymentTerms" NOT NULL,
    "source_status" TEXT,
    "total_minor" BIGINT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "comments" TEXT,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "required_by" TIMESTAMPTZ(3),
    "fulfilled_at" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_lines" (
    "order_id" UUID NOT NULL,
    "line_number" INTEGER NOT NULL,
    "product_code" TEXT NOT NULL,
    "product_name" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "unit_price_minor" BIGINT NOT NULL,

    CONSTRAINT "order_lines_pkey" PRIMARY KEY ("order_id","line_number")
);

-- CreateTable
CREATE TABLE "order_events" (
    "order_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_events_pkey" PRIMARY KEY ("order_id","version")
);

-- CreateIndex
CREATE UNIQUE INDEX "orders_number_key" ON "orders"("number");

-- CreateIndex
CREATE INDEX "orders_customer_id_placed_at_id_idx" ON "orders"("customer_id", "placed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "orders_customer_id_total_minor_id_idx" ON "orders"("customer_id", "total_minor" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "orders_placed_at_id_idx" ON "orders"("placed_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "orders_total_minor_id_idx" ON "orders"("total_minor" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "order_events_id_key" ON "order_events"("id");

-- AddForeignKey
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_fkey" FOREIGN KEY ("order_id") REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What follows is written by hand: what Prisma's schema language cannot say, and its diff does not look at.

-- Money is safe in a JSON number: 9007199254740991 is 2^53 - 1.
ALTER TABLE "orders"
    ADD CONSTRAINT "orders_total_minor_check" CHECK ("total_minor" BETWEEN 0 AND 9007199254740991),
    ADD CONSTRAINT "orders_currency_check" CHECK ("currency" ~ '^[A-Z]{3}$'),
    ADD CONSTRAINT "orders_version_check" CHECK ("version" >= 1);

ALTER TABLE "order_lines"
    ADD CONSTRAINT "order_lines_line_number_check" CHECK ("line_number" >= 1),
    ADD CONSTRAINT "order_lines_quantity_check" CHECK ("quantity" > 0),
    ADD CONSTRAINT "order_lines_unit_price_minor_check" CHECK ("unit_price_minor" BETWEEN 0 AND 9007199254740991);

ALTER TABLE "order_events"
    ADD CONSTRAINT "order_events_version_check" CHECK ("version" >= 1);

-- The stream of events is the truth that orders are derived from: it only ever grows.
CREATE FUNCTION "refuse_change_of_order_events"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'order_events is append-only: % is refused', TG_OP
        USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER "order_events_append_only"
    BEFORE UPDATE OR DELETE OR TRUNCATE ON "order_events"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_order_events"();

-- Numbers of orders placed through the API.
CREATE SEQUENCE "order_number_seq" START 1001;
