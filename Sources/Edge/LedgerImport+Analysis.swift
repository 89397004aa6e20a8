internal import Base
internal import Catalog
internal import Items
internal import Library
internal import Objects

/// What a node found in films.
extension LedgerImport {
  /// Makes an analysis the library's, with its asset where that is not here; the object whose bytes are not here.
  mutating func take(analysis body: [UInt8], _ sent: LedgerBatch.Sent) throws(Fault) -> String? {
    let own = try ForwardedAnalysis(body)
    try own.check()
    let shift = if let recording = own.asset.recording { try shift(of: recording, sent) } else { skew(of: sent) }
    let told = own.moved(to: sender.client, node: sender.node, by: shift, now: library.now)
    guard try !library.has(told) else {
      sentObjects += told.objects
      return nil
    }
    for name in told.objects { guard try hold(name) != nil else { return name.digest } }
    let made = try library.writes(taking: told)
    // What no table takes would hold up what is behind it.
    try made.check()
    writes += made
    analysed = told.asset.id
    return nil
  }
}
