internal import Base
internal import Batching
internal import Inference
internal import Isolation

/// The asynchronous, always-on part that owns one compiled network and turns asks into batches.
///
/// A batch starts as soon as a compiled copy is free and takes what waits then; nobody waits for it to fill. What waits is
/// bounded, fair between sources and dropped once it is late.
final class Unit: Sendable {
  struct Limits: Sendable {
    /// Rows that may wait.
    var queue = 256
    /// Nanoseconds after which a running inference counts as hung.
    var stall: UInt64 = 30_000_000_000
  }

  private let core: UnitCore

  init(_ network: CompiledNetwork, limits: Limits, ledger: Ledger, mark: Witness.Mark) throws(Fault) {
    core = try UnitCore(network, limits, ledger, mark)
  }

  /// Ends on a thread that is not a lane's: the last owner may be whom one of these answers.
  deinit {
    let core = core
    core.close()
    Background.run {
      core.drain()
      core.finish()
    }
  }

  /// A network compiled for one inference on all cores, used while asks come one by one.
  func add(solo network: CompiledNetwork) throws(Fault) { try core.add(network, isSolo: true) }

  func submit(_ ask: Ask) throws(ServedVersion.Refusal) { try core.submit(ask) }

  /// It may be answered all the same, if the engine has it already.
  func cancel(_ ask: Ask) { core.cancel(ask) }

  /// Lets nobody in any more.
  func close() { core.close() }

  /// Everything accepted was answered.
  var isIdle: Bool { core.isIdle }

  /// Asks come one by one, and there is no copy yet that works on one with all cores; true once.
  func takeWishForSolo() -> Bool { core.takeWishForSolo() }

  /// Drops what is late; says whether an inference hangs.
  func check(now: UInt64) -> Bool { core.check(now: now) }

  /// Fails everything inside, because the engine does not come back.
  func abandon(_ fault: Fault) { core.abandon(fault) }

  var load: (waiting: Int, running: Int) { core.load }
}
