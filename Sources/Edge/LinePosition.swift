public import Base
internal import JSON

/// How much of a line of a node's ledger the centre has, and what of it came without its contents.
///
/// A value: what becomes of entries that come is decided here, whatever the link did to the messages.
public struct LinePosition: Sendable, Hashable {
  /// The last that is here, and its hash; 0 for none.
  public private(set) var sequence = 0
  public private(set) var hash = LedgerEntry.none
  /// Entries whose bytes or contents the node had removed before.
  public internal(set) var gone = 0
  /// Events that the node had no room for, as its entries of gaps say.
  public internal(set) var missing = 0
  /// Entries that could not be read here; they are passed over, so that those behind them come.
  public internal(set) var unread = 0
  /// Another entry than is here came at the same place: the node was copied, or went back to an older state.
  public internal(set) var forks = 0
  /// Milliseconds since 1970, by the centre's clock, when something came last.
  public internal(set) var at = 0

  public init() {}

  /// What becomes of the entries of one line of a message.
  public enum Verdict: Sendable, Hashable {
    /// Those from this place of the list on are new, and follow what is here; there may be none.
    case new(from: Int)
    /// There is a hole before the first: send on from what is here.
    case hole
    /// What came is not what is here, at this sequence.
    case fork(at: Int)
    /// The entries are no chain, as no node sends them.
    case broken(at: Int)
  }

  /// `entries` are not empty.
  public func verdict(_ entries: [LedgerEntry], in line: LedgerLine, of life: String) -> Verdict {
    for (one, next) in zip(entries, entries.dropFirst()) {
      guard next.sequence == one.sequence + 1, next.follows(one.hash, in: line, of: life) else {
        return .broken(at: next.sequence)
      }
    }
    let first = entries[0]
    guard first.sequence <= sequence + 1 else { return .hole }
    if let same = entries.first(where: { $0.sequence == sequence }), same.hash != hash { return .fork(at: sequence) }
    guard let place = entries.firstIndex(where: { $0.sequence == sequence + 1 }) else {
      // An older message that came late: what is in it is here.
      return .new(from: entries.count)
    }
    return entries[place].follows(hash, in: line, of: life) ? .new(from: place) : .fork(at: sequence + 1)
  }

  /// The next is here.
  mutating func pass(_ entry: LedgerEntry, at now: Int) {
    precondition(entry.sequence == sequence + 1, "entries of a line have no holes")
    (sequence, hash, at) = (entry.sequence, entry.hash, now)
  }
}

extension LinePosition {
  private enum Key: String, CaseIterable { case sequence, hash, gone, missing, unread, forks, at }

  /// The members of its JSON on every surface.
  public func write(into json: inout JSONWriter) {
    json.field("sequence", sequence)
    json.field("hash", hash)
    json.field("gone", gone)
    json.field("missing", missing)
    json.field("unread", unread)
    json.field("forks", forks)
    json.field("at", at)
  }

  var json: [UInt8] { JSONWriter.object(capacity: 256, write) }

  /// Reads what ``write(into:)`` wrote, with more members or without.
  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    sequence = try fields.required(.sequence).integer(in: 0 ... .max)
    hash = try LedgerEntry.digest(fields.required(.hash))
    gone = try fields.required(.gone).integer(in: 0 ... .max)
    missing = try fields.required(.missing).integer(in: 0 ... .max)
    unread = try fields.required(.unread).integer(in: 0 ... .max)
    forks = try fields.required(.forks).integer(in: 0 ... .max)
    at = try fields.required(.at).integer(in: 0 ... .max)
  }
}
