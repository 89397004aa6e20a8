public import Base
internal import CFFmpeg
internal import Glibc

/// Writes pictures as H.264 in MP4 (BT.709, limited range, 4:2:0, index in front), each at the time it is given.
///
/// The file grows beside its place under another name and moves there in ``finish()``; a writer that is dropped or
/// fails leaves nothing behind. One thread at a time.
public final class VideoWriter {
  private let path: String
  private let staging: String
  private let isInPlace: Bool
  public let size: Size
  private let encoder: Encoder
  private let muxer: Muxer
  private let packet: Packet
  private let painter: RGBToYUV
  private var last: Int?
  /// From the picture before the last to it: how long the last is shown.
  private var step = 1
  private var timeline: Timeline
  private var isFinished = false

  /// Begins a film of pictures of one size, at timestamps that count ticks of `timeBase` seconds.
  ///
  /// What stands at `path` is replaced at the end. Odd sides gain one column or row, because 4:2:0 needs even ones.
  /// `frameRate` is what the stream is said to run at; 0/0 where it is not known. With `isInPlace` the file at `path` is written itself, as one
  /// that has no name must be, and is left as it is where that fails.
  public init(
    _ path: String, size: Size, timeBase: Ratio, frameRate: Ratio, isInPlace: Bool = false
  ) throws(Fault) {
    precondition(timeBase.isKnown, "a video needs a time base")
    guard size.width > 0, size.height > 0, max(size.width, size.height) <= 16_384 else {
      throw Fault(.unsupported, "a video of \(size) pixels cannot be written: its sides go from 1 to 16384")
    }
    (self.path, self.size, self.isInPlace) = (path, size, isInPlace)
    timeline = Timeline(perSecond: 1 / timeBase.value)
    staging = isInPlace ? path : "\(path).part-\(getpid())"
    let even = Size(width: (size.width + 1) & ~1, height: (size.height + 1) & ~1)
    let setUp = H264(size: even, timeBase: timeBase, frameRate: frameRate)
    encoder = try setUp.encoder()
    painter = try RGBToYUV(from: size, to: even)
    packet = try Packet()
    do throws(Fault) {
      muxer = try Muxer(staging, encoder, timeBase: timeBase, frameRate: frameRate)
    } catch {
      if !isInPlace { _ = unsafe unlink(staging) }
      throw error
    }
  }

  deinit { if !isFinished, !isInPlace { _ = unsafe unlink(staging) } }

  /// Adds a picture, packed RGB, rows from top to bottom without gaps.
  ///
  /// A timestamp that does not advance is moved to one tick behind the picture before; where time jumps back, it goes on from there.
  public func append(rgb: [UInt8], pts: Int) throws(Fault) {
    precondition(rgb.count == size.area * 3, "the bytes must be exactly one picture of the writer's size")
    precondition(!isFinished, "a finished video takes no more pictures")
    let placed = Int(timeline.place(Double(pts)))
    let time = last.map { max(placed, $0 + 1) } ?? placed
    if let last { step = time - last }
    last = time
    let picture = try painter.paint(rgb)
    unsafe picture.frame.pointee.pts = Int64(time)
    try encoder.send(picture)
    try drain()
  }

  /// Writes what is left and the index, and puts the file in its place.
  public func finish() throws(Fault) {
    precondition(!isFinished, "a video is finished once")
    guard last != nil else { throw Fault(.badInput, "there is no picture to write: the video would be empty") }
    try encoder.send(nil)
    try drain()
    try muxer.finish()
    if !isInPlace { try FileSystem.move(staging, to: path) }
    isFinished = true
  }

  private func drain() throws(Fault) {
    while try encoder.receive(packet) { try muxer.write(packet, from: encoder, lasting: step) }
  }
}
