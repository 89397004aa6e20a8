internal import Base
internal import Glibc
internal import Isolation
internal import Media

/// The child's work: one file at a time, the frames of it that the parent still needs, and memory to render into.
final class DecodingService {
  private let memory: SharedMemory
  private let beforeFilm: () -> Void
  private var reader: MediaReader?
  private var sound: SoundReader?
  private var frames: [Int: Frame] = [:]
  private var media: MediaFile?
  private var index: FrameIndex?
  /// Frames in any order, made when the first is asked for.
  private var access: FrameAccess?

  /// `beforeFilm` is called where a file is no picture, before anything decodes it.
  init(_ memory: SharedMemory, beforeFilm: @escaping () -> Void) {
    (self.memory, self.beforeFilm) = (memory, beforeFilm)
  }

  /// `nil` where no answer is wanted; `file` is owned.
  func answer(_ message: Message, file: Int32?) -> Answer? {
    do throws(Fault) {
      let (request, released) = try Request.read(message)
      for number in released { frames[number] = nil }
      return try answer(request, file: file)
    } catch {
      return .failed(error)
    }
  }

  private func answer(_ request: Request, file: Int32?) throws(Fault) -> Answer? {
    switch request {
    case .setUp: throw FieldReader.nonsense
    case .open(let sampling, let isNamedFilm):
      close()
      guard let file else { throw FieldReader.nonsense }
      let media = try MediaFile(owning: file, isNamedFilm: isNamedFilm)
      let opened = try MediaReader(media, sampling: sampling, indexes: true, beforeFilm: beforeFilm)
      (self.media, reader) = (media, opened)
      return .opened(opened.info)
    case .sound:
      close()
      guard let file else { throw FieldReader.nonsense }
      beforeFilm()
      sound = try SoundReader.open(try MediaFile(owning: file))
      return .sound(sound?.info)
    case .listen(let place): return try listen(place)
    case .next(let number):
      guard let reader else { throw FieldReader.nonsense }
      guard let frame = try reader.next() else { return .ended(Progress(reader)) }
      frames[number] = frame
      return .frame(FrameFacts(frame), Progress(reader))
    case .index:
      guard let file, let media else { throw FieldReader.nonsense }
      // One that does not fit is made anew.
      index = try? FrameIndex(Self.bytes(of: file), of: media)
      return .rendered
    case .seek(let number, let place): return try seek(number, place)
    case .render(let order):
      try order.render(frames[order.frame], into: memory)
      return .rendered
    case .close:
      close()
      return nil
    case .probe: return .openDoors(Sandbox.openDoors())
    case .bell, .door, .view, .stills, .live, .latest, .thrift: throw FieldReader.nonsense
    }
  }

  private func listen(_ place: Range<Int>) throws(Fault) -> Answer {
    guard let sound, place.upperBound <= memory.byteCount, place.count >= SoundBlock.byteCount else {
      throw FieldReader.nonsense
    }
    guard let block = try sound.next() else { return .heard(start: 0, count: 0, sound.tally) }
    unsafe block.samples.withUnsafeBytes { unsafe memory.writableBytes(place).copyMemory(from: $0) }
    return .heard(start: block.start, count: block.samples.count, sound.tally)
  }

  private func seek(_ number: Int, _ place: Int) throws(Fault) -> Answer {
    guard let media else { throw FieldReader.nonsense }
    beforeFilm()
    if access == nil { access = try FrameAccess(media, index: index) }
    guard let access else { throw FieldReader.nonsense }
    guard let frame = try access.frame(at: place) else { return .ended(Progress()) }
    frames[number] = frame
    return .frame(FrameFacts(frame), Progress())
  }

  /// All bytes of a file that is owned.
  private static func bytes(of descriptor: Int32) throws(Fault) -> [UInt8] {
    defer { Glibc.close(descriptor) }
    let count = Int(lseek(descriptor, 0, SEEK_END))
    guard (1...1 << 30).contains(count) else { throw FieldReader.nonsense }
    var (bytes, done) = ([UInt8](repeating: 0, count: count), 0)
    while done < count {
      let read = unsafe bytes.withUnsafeMutableBytes { block in
        unsafe pread(descriptor, block.baseAddress! + done, count - done, done)
      }
      guard read > 0 else { throw FieldReader.nonsense }
      done += read
    }
    return bytes
  }

  private func close() {
    (media, index, access) = (nil, nil, nil)
    frames.removeAll()
    (reader, sound) = (nil, nil)
  }
}
