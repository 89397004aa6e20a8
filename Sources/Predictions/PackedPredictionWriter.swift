public import Base
internal import Crypto

/// Packs predictions as they come; its bytes are drained in parts, so that memory does not grow with a film.
public struct PackedPredictionWriter: ~Copyable {
  private var block = PackedBlock()
  private var texts = TextTable()
  private var entries: [PackedPredictions.Entry] = []
  private var pending: [UInt8] = PackedPredictions.magic
  private var offset = PackedPredictions.magic.count

  /// About what a block holds: a few seconds of a film with many objects.
  private let blockWeight: Int

  public init(blockWeight: Int = 8192) { self.blockWeight = blockWeight }

  /// Takes what was found on one frame; call it in order.
  ///
  /// A frame without predictions leaves nothing.
  public mutating func add(_ stamp: FrameStamp, _ found: [(prediction: Prediction, model: String)]) throws(Fault) {
    guard !found.isEmpty else { return }
    block.begin(stamp, &texts)
    for (prediction, model) in found { block.add(prediction, model: model, &texts) }
    guard block.weight <= PackedBlock.mostNumbers else {
      throw Fault(.exhausted, "frame \(stamp.index) has more predictions than can be packed")
    }
    if block.weight >= blockWeight { close() }
  }

  /// What was packed since the last call.
  public mutating func drain() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// The rest: the last block and the index.
  public consuming func finish() -> [UInt8] {
    close()
    let index = PackedIndex.bytes(texts.texts, entries)
    pending += index
    pending += FastChecksum.of(index.span.bytes)
    for shift in stride(from: 0, to: 64, by: 8) { pending.append(UInt8(truncatingIfNeeded: index.count >> shift)) }
    pending += PackedPredictions.end
    return pending
  }

  private mutating func close() {
    guard !block[.predictions].isEmpty else { return }
    let bytes = block.bytes
    let times = block[.time].filter { $0.isFinite && $0.magnitude < 1e12 }
    let isTold = times.count == block[.time].count
    entries.append(
      PackedPredictions.Entry(
        offset: offset, byteCount: bytes.count, frames: block[.predictions].count, predictions: block[.kind].count,
        first: isTold ? Int((times.min()! * 1e6).rounded(.down)) : .min,
        last: isTold ? Int((times.max()! * 1e6).rounded(.up)) : .max, checksum: FastChecksum.of(bytes.span.bytes)))
    offset += bytes.count
    pending += bytes
    block = PackedBlock()
  }
}
