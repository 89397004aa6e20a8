internal import Base
internal import Batching
internal import Inference

/// A place in a compiled copy, and the batch that runs there.
///
/// Belongs to whoever starts it, then to the engine, then to whoever reads the answers.
final class Station: @unchecked Sendable {  // one owner at a time, handed on under the unit's lock
  let number: Int
  /// Rows that fit.
  let room: Int
  let slot: InferenceSlot
  private(set) var portions: [Intake<String, Ask>.Portion] = []
  private(set) var rowCount = 0
  private(set) var started: UInt64 = 0
  var ended: UInt64 = 0

  /// `onEnd` is called on the engine's thread, once for each start.
  init(
    number: Int, _ network: CompiledNetwork, copy: Int, onEnd: @escaping @Sendable (_ number: Int) -> Void
  ) throws(Fault) {
    (self.number, room) = (number, network.batch)
    slot = try InferenceSlot(network, copy: copy) { onEnd(number) }
  }

  /// Binds the rows and starts; rows of one ask are read where they are.
  func start(_ portions: [Intake<String, Ask>.Portion]) throws(Fault) {
    self.portions = portions
    rowCount = portions.reduce(0) { $0 + $1.count }
    started = Clock.now
    if portions.count == 1 {
      try slot.lend(portions[0].item.part(portions[0].first, portions[0].count), rows: rowCount)
    } else {
      try slot.gather(
        portions.flatMap { portion in
          (portion.first..<portion.first + portion.count).map { portion.item.part($0, 1) }
        })
    }
    try slot.start()
  }

  /// Where the answers may be read, if all asks have such a place.
  var place: (@Sendable (@escaping @Sendable () -> Void) -> Bool)? {
    portions.allSatisfy { $0.item.place != nil } ? portions[0].item.place : nil
  }

  /// Lets go of the asks.
  func forget() { portions = [] }
}
