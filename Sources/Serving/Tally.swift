internal import Base

/// What a served version did, counted.
public final class Tally: Sendable {
  func ran(rows: Int, nanoseconds: UInt64) {}
  func ended(_ outcome: Ask.Outcome, _ times: Ask.Times, rows: Int) {}
}
