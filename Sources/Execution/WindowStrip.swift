internal import Base
internal import Media
internal import MediaProcess
internal import Vision

/// The last frames of a film as one network sees them, each rendered once; windows are put together of them.
///
/// A frame takes a few kilobytes here, and its picture is not needed afterwards. Memory does not depend on the length of the film.
struct WindowStrip {
  private let model: LoadedModel
  private let window: FrameWindow
  private let frameBytes: Int
  /// Frames that have room.
  private let capacity: Int
  /// By number modulo ``capacity``.
  private let memory: AlignedMemory
  /// Frames of another process are rendered into memory that it reaches, and copied from there.
  private let share: ((Int) throws(Fault) -> SharedBuffer)?
  private var shared: InputMemory?
  /// Where the last frame stands in the network's input.
  private(set) var placement: Placement?

  init(_ model: LoadedModel, _ window: FrameWindow, share: ((Int) throws(Fault) -> SharedBuffer)?) {
    (self.model, self.window, self.share) = (model, window, share)
    frameBytes = model.input.area * model.order.channels
    // A window for each job that may be waiting, and one that comes.
    capacity = window.length + window.step * (model.inFlight + 1)
    memory = AlignedMemory(capacity * frameBytes)
  }

  /// Whether a frame has room while `oldest` and all behind it are needed.
  func hasRoom(for frame: Int, oldest: Int) -> Bool { frame - min(frame, oldest) < capacity }

  /// Renders the next frame into its place.
  mutating func add(_ frame: SourceFrame, _ number: Int) throws(Fault) {
    let placement = model.placement(nil, of: frame.size)
    self.placement = placement
    let start = number % capacity * frameBytes
    let target = start..<start + frameBytes
    if share == nil {
      return try render(frame, placement, InputMemory(content: .own(memory, target), bytes: memory[target]))
    }
    let made: InputMemory
    if let shared { made = shared } else { made = try InputMemory.row(of: 1, byteCount: frameBytes, share: share)[0] }
    shared = made
    try render(frame, placement, made)
    memory.write(target) { span in
      span.withUnsafeMutableBytes { $0.copyMemory(from: made.bytes.pointer) }
    }
  }

  private func render(_ frame: SourceFrame, _ placement: Placement, _ memory: InputMemory) throws(Fault) {
    try frame.render(
      into: memory, size: model.input, source: placement.source, target: placement.target, order: model.order,
      pad: model.recipe.input.pad, interpolation: model.interpolation)
  }

  /// Puts a block's window together; the film has `count` frames so far, or in all.
  func fill(_ input: InputMemory, block: Int, count: Int) {
    guard case .own(let target, let range) = input.content else {
      preconditionFailure("a window is put together in this process")
    }
    target.write(range) { span in
      span.withUnsafeMutableBytes { bytes in
        for (place, frame) in window.frames(of: block).enumerated() {
          let start = min(max(0, frame), count - 1) % capacity * frameBytes
          UnsafeMutableRawBufferPointer(rebasing: bytes[(place * frameBytes)...])
            .copyMemory(from: memory[start..<start + frameBytes].pointer)
        }
      }
    }
  }
}
