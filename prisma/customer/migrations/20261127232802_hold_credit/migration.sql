-- CreateTable
CREATE TABLE "refused_reservations" (
    "order_id" UUID NOT NULL,
    "customer_id" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "refused_reservations_pkey" PRIMARY KEY ("order_id")
);
