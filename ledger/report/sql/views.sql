-- Views for a first look; everything below is plain SQL over the tables of DICTIONARY.md. Money in fen.

-- Where each pool's money is: from its balances.
CREATE VIEW v_pool_money AS
SELECT p.pool, p.jurisdiction, p.year, p.class,
  sum(CASE WHEN b.code = '1000' THEN b.balance_fen ELSE 0 END) AS drawable_fen,
  sum(CASE WHEN b.code = '2000' THEN b.balance_fen ELSE 0 END) AS free_fen,
  sum(CASE WHEN b.code IN ('2100', '2200') THEN b.balance_fen ELSE 0 END) AS reserved_fen,
  sum(CASE WHEN b.code IN ('3000', '3050') THEN b.balance_fen ELSE 0 END) AS payable_fen,
  sum(CASE WHEN b.code = '3100' THEN b.balance_fen ELSE 0 END) AS in_settlement_fen,
  sum(CASE WHEN b.code = '3200' THEN b.balance_fen ELSE 0 END) AS returned_fen,
  sum(CASE WHEN b.code IN ('1100', '1200') THEN b.balance_fen ELSE 0 END) AS receivable_fen
FROM pools AS p LEFT JOIN balances AS b ON substr(b.account, -length(p.pool) - 1) = '/' || p.pool
GROUP BY p.pool;

-- What each provider did in each month of service.
CREATE VIEW v_provider_month AS
SELECT provider, substr(done, 1, 7) AS month, count(*) AS redemptions, sum(amount_fen) AS subsidy_fen, sum(paid_fen) AS paid_fen,
  sum(open_fen + in_batch_fen) AS unpaid_fen
FROM redemptions WHERE state = 'captured' GROUP BY provider, month;

-- Who works with whom, largest first.
CREATE VIEW v_pairs AS
SELECT holder, provider, count(*) AS redemptions, sum(amount_fen) AS subsidy_fen
FROM redemptions WHERE state = 'captured' GROUP BY holder, provider ORDER BY subsidy_fen DESC;

-- Refusals by rule and by month.
CREATE VIEW v_refusals AS
SELECT code, substr(at, 1, 7) AS month, count(*) AS refusals FROM entries WHERE outcome = 'refused' GROUP BY code, month;

-- What waits, for what, and until when.
CREATE VIEW v_waiting AS
SELECT redemption, holder, provider, open_fen, gates, holds, hold_deadline, notice_until
FROM redemptions WHERE open_fen > 0 AND (gates IS NOT NULL OR holds IS NOT NULL OR held = 1) ORDER BY hold_deadline;

-- Money that left the treasury: lines that the bank debited or paid, and what came back.
CREATE VIEW v_payments AS
SELECT b.execution, l.batch, l.provider, l.net_fen, l.state, l.end_to_end
FROM lines AS l JOIN batches AS b ON b.batch = l.batch WHERE l.state IN ('debited', 'paid', 'returned') ORDER BY b.execution, l.batch, l.number;

-- Use of each holder's quota.
CREATE VIEW v_quota AS
SELECT h.holder, h.class, v.quota_year, sum(v.amount_fen) AS allotted_fen,
  (SELECT coalesce(sum(r.amount_fen - r.refunded_open_fen - r.refunded_settled_fen), 0) FROM redemptions AS r JOIN vouchers AS w ON w.voucher = r.voucher
   WHERE r.holder = h.holder AND w.quota_year = v.quota_year AND r.state = 'captured') AS redeemed_fen
FROM holders AS h JOIN vouchers AS v ON v.holder = h.holder GROUP BY h.holder, v.quota_year;
