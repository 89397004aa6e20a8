internal import Base
internal import Batching
internal import Inference

/// A compiled copy and the thread that runs it, one batch after the other.
final class Lane: @unchecked Sendable {  // the slot is used by the lane's thread alone
  /// Portions of asks that run together.
  typealias Batch = [Intake<String, Ask>.Portion]

  private struct Bell: Sendable {
    var batch: Batch?
    var isOver = false
  }

  /// It uses all cores for one row.
  let isSolo: Bool
  /// Rows that fit.
  let room: Int
  private let slot: InferenceSlot
  private let bell = Monitor(Bell())

  init(_ network: CompiledNetwork, copy: Int, isSolo: Bool) throws(Fault) {
    (self.isSolo, room) = (isSolo, network.batch)
    slot = try InferenceSlot(network, copy: copy)
  }

  /// Wakes the thread, which sleeps in ``next()`` or is about to.
  func give(_ batch: Batch) { bell.update { $0.batch = batch } }

  /// Ends the thread once it has nothing to do.
  func finish() { bell.update { $0.isOver = true } }

  /// Sleeps until there is a batch; `nil` where the lane is over.
  func next() -> Batch? {
    bell.wait { bell in
      if let batch = bell.batch {
        bell.batch = nil
        return .some(batch)
      }
      return bell.isOver ? .some(nil) : nil
    }
  }

  /// Runs a batch; what comes out is valid until the next one.
  ///
  /// Rows of one ask are read where they are.
  func infer(_ batch: Batch) throws(Fault) -> [Outputs] {
    if batch.count == 1 {
      try slot.lend(batch[0].item.part(batch[0].first, batch[0].count), rows: batch[0].count)
    } else {
      try slot.gather(batch.flatMap(\.single).map { $0.item.part($0.first, 1) })
    }
    return try slot.run()
  }
}

extension Lane.Batch {
  var rowCount: Int { reduce(0) { $0 + $1.count } }
}
