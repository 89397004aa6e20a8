internal import Base
internal import Batching

/// A compiled copy and what its thread runs on it, one batch after the other.
final class CopyRunner: @unchecked Sendable {  // the slot and the batch are used by the lane's thread alone
  typealias Batch = [UnitCore.Scheduler.Portion]

  /// What wakes the thread.
  private struct Signal: Sendable {
    var batch: Batch?
    var isOver = false
  }

  /// Its number in the scheduler.
  let lane: Int
  let isLowLatency: Bool
  /// What it runs.
  var batch: Batch = []
  private let engine: Engine
  private let signal = Monitor(Signal())

  /// Where batches run.
  enum Engine {
    case here(InferenceSlot)
    case elsewhere(any BatchRunner)
    case far(any RemoteLane)

    /// Runs rows that lie one after the other in each input; what comes out is valid until the next run.
    func run(_ inputs: [SharedBytes], rows: Int) throws(Fault) -> BatchOutputs {
      switch self {
      case .here(let slot):
        try slot.lend(inputs, rows: rows)
        return try slot.run()
      case .elsewhere(let network):
        return try BatchOutputs(try network.run([inputs], rows: rows), of: network, rows: rows)
      case .far: throw Fault(.bug, "a network on another host is asked by a unit alone")
      }
    }
  }

  init(_ engine: Engine, lane: Int, isLowLatency: Bool) {
    (self.engine, self.lane, self.isLowLatency) = (engine, lane, isLowLatency)
  }

  var rowCount: Int { batch.reduce(0) { $0 + $1.count } }

  /// Wakes the thread, which sleeps in ``sleep()`` or is about to.
  func give(_ batch: Batch) { signal.update { $0.batch = batch } }

  /// Ends the thread once it has nothing to do.
  func finish() { signal.update { $0.isOver = true } }

  /// Sleeps until there is a batch; `false` where the thread is to end.
  func sleep() -> Bool {
    let given = signal.wait { signal -> Batch?? in
      if let batch = signal.batch {
        signal.batch = nil
        return .some(batch)
      }
      return signal.isOver ? .some(nil) : nil
    }
    guard let given else { return false }
    batch = given
    return true
  }

  /// Runs the batch; what comes out is valid until the next run.
  ///
  /// Rows that lie next to each other, as those of one request do, are read where they are; others are brought together.
  func infer() throws(LaneFailure) -> BatchOutputs {
    do throws(Fault) {
      switch engine {
      case .here(let slot): return try infer(slot)
      case .elsewhere(let network):
        let portions = batch.map { $0.item.part($0.first, $0.count) }
        return try BatchOutputs(try network.run(portions, rows: rowCount), of: network, rows: rowCount)
      case .far: break
      }
    } catch { throw .failed(error) }
    guard case .far(let lane) = engine, let portion = batch.first else { preconditionFailure("nothing is to be run") }
    let inputs = portion.item.part(portion.first, 1)
    let outputs = try lane.run(inputs, source: portion.item.source, deadline: portion.item.deadline)
    return BatchOutputs(
      views: zip(lane.outputs, outputs).map { OutputTensorView($1, $0, inRows: false) }, isInRows: false)
  }

  private func infer(_ slot: InferenceSlot) throws(Fault) -> BatchOutputs {
    if batch.count == 1 {
      let portion = batch[0]
      try slot.lend(portion.item.part(portion.first, portion.count), rows: portion.count)
    } else if isWhole, isContiguous {
      try slot.lend(batch[0].item.inputs, rows: rowCount)
    } else {
      var place = 0
      try slot.gather(rowCount) { (tensors) in
        for portion in batch {
          for (input, bytes) in portion.item.inputs.enumerated() {
            let row = bytes.count / portion.item.rowCount
            let part = row * portion.first..<row * (portion.first + portion.count)
            tensors[input].write(place, bytes, part)
          }
          place += portion.count
        }
      }
    }
    return try slot.run()
  }

  /// No request is in it in part.
  private var isWhole: Bool { batch.allSatisfy { $0.count == $0.item.rowCount } }

  /// Each request's inputs begin where those of the one before it end.
  private var isContiguous: Bool {
    for index in batch.indices.dropFirst() {
      let (before, inputs) = (batch[index - 1].item.inputs, batch[index].item.inputs)
      for input in inputs.indices where !inputs[input].follows(before[input]) { return false }
    }
    return true
  }
}
