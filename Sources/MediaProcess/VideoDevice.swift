public import Base
internal import CVideo
internal import Glibc

/// A camera at this machine (Video4Linux2).
///
/// The process of a source may not speak to a device: a thread here takes the camera's pictures as they are coded and hands them on, each as a
/// ``DevicePicture``, no faster than they are read; what the camera has no room for meanwhile is lost, and counted.
public enum VideoDevice {
  /// What an order of ``LiveOrder/Kind/device`` is handed; the caller closes it, and with the last copy of it the camera is let go.
  ///
  /// Size and rate are as near as the camera has them.
  ///
  /// - Throws: `notFound` where there is no such device, `denied` where it may not be opened, `unsupported` for what is no camera or gives neither MJPEG nor H.264,
  ///   `unavailable` where another program has it.
  public static func open(_ path: String, size: Size?, rate: Double?) throws(Fault) -> Int32 {
    let line = try DeviceLine(path)
    try line.begin(size, rate)
    let (inner, outer) = try SocketEnds.make()
    NativeThread {
      line.run(into: inner)
      close(inner)
    }.leave()
    return outer
  }
}

/// Owns the device and what is shared with it.
@safe private final class DeviceLine: @unchecked Sendable {  // the thread that runs it has it alone, once it has begun
  private let path: String
  private let file: Int32
  private var code = DevicePicture.Code.mjpeg
  private var buffers: [UnsafeMutableRawBufferPointer] = unsafe []

  /// Pictures that the camera may have filled before the first of them is taken.
  private static let bufferCount: UInt32 = 4

  init(_ path: String) throws(Fault) {
    var facts = stat()
    guard unsafe stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFCHR else {
      throw Fault(.notFound, "there is no camera '\(path)': 'ls /dev/video*' shows those of this machine")
    }
    let opened = unsafe Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    let error = SystemError.last
    guard opened >= 0 else {
      throw error.kind == .denied
        ? Fault(.denied, "'\(path)' may not be opened: this user has to be in its group, 'video'", cause: error.text)
        : Fault(.unavailable, "'\(path)' cannot be opened now", cause: error.text)
    }
    (self.path, file) = (path, opened)
  }

  deinit {
    for place in unsafe buffers.indices { unsafe _ = munmap(buffers[place].baseAddress, buffers[place].count) }
    close(file)
  }

  func begin(_ size: Size?, _ rate: Double?) throws(Fault) {
    switch ridley_video_check(file) {
    case 1: break
    case 0:
      throw Fault(.unsupported, "'\(path)' gives no pictures: it is another part of a camera, or of something else")
    default: throw Fault(.unsupported, "'\(path)' is no camera", cause: SystemError.last.text)
    }
    let offered = (0..<64).map { ridley_video_format(file, $0) }.prefix { $0 != 0 }
    guard let code = DevicePicture.Code.allCases.first(where: { offered.contains($0.rawValue) }) else {
      let names = offered.map(DevicePicture.name).joined(separator: ", ")
      throw Fault(
        .unsupported, "'\(path)' gives \(names.isEmpty ? "nothing" : names), and MJPEG or H.264 are taken from cameras")
    }
    self.code = code
    let chosen = ridley_video_set(file, code.rawValue, UInt32(size?.width ?? 0), UInt32(size?.height ?? 0))
    guard chosen == code.rawValue else { throw failure("takes no format now") }
    if let rate { ridley_video_pace(file, UInt32(max(1, rate * 1000))) }
    let count = ridley_video_buffers(file, Self.bufferCount)
    guard count > 0 else { throw failure("gives no memory for pictures") }
    for place in 0..<UInt32(count) { try share(place) }
    guard ridley_video_begin(file) == 0 else { throw failure("does not begin") }
  }

  private func share(_ place: UInt32) throws(Fault) {
    var (count, start) = (0, off_t(0))
    guard unsafe ridley_video_place(file, place, &count, &start) == 0,
      let base = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, file, start), unsafe base != MAP_FAILED
    else { throw failure("gives no memory for pictures") }
    unsafe buffers.append(UnsafeMutableRawBufferPointer(start: base, count: count))
    guard ridley_video_give(file, place) == 0 else { throw failure("takes no memory for pictures") }
  }

  /// Of the call before.
  private func failure(_ what: String) -> Fault {
    let error = SystemError.last
    let message = error.code == EBUSY ? "is used by another program" : what
    return Fault(.unavailable, "'\(path)' \(message)", cause: error.text)
  }

  /// Until the camera is gone, or whoever reads.
  func run(into socket: Int32) {
    var last: UInt32?
    while true {
      var polls = [
        pollfd(fd: file, events: Int16(POLLIN), revents: 0), pollfd(fd: socket, events: 0, revents: 0),
      ]
      guard unsafe poll(&polls, 2, -1) > 0 || errno == EINTR, polls[1].revents == 0 else { return }
      guard polls[0].revents & Int16(POLLIN) != 0 else {
        if polls[0].revents != 0 { return }
        continue
      }
      var picture = ridley_video_picture()
      guard unsafe ridley_video_take(file, &picture) == 0 else {
        if errno == EAGAIN { continue }
        return
      }
      let lost = last.map { Int(picture.number &- $0 &- 1) } ?? 0
      last = picture.number
      guard hand(picture, lost: lost, to: socket), ridley_video_give(file, picture.buffer) == 0 else { return }
    }
  }

  /// False where nobody reads any more.
  private func hand(_ picture: ridley_video_picture, lost: Int, to socket: Int32) -> Bool {
    let buffer = Int(picture.buffer)
    guard picture.is_broken == 0, picture.count > 0, unsafe buffers.indices.contains(buffer) else { return true }
    let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffers[buffer].prefix(Int(picture.count)))
    let now = Clock.now
    let captured = picture.microseconds > 0 ? min(UInt64(picture.microseconds) * 1000, now) : now
    let told = DevicePicture(
      code: code, isKey: picture.is_key != 0, lost: lost > 1 << 20 ? 0 : lost, captured: captured,
      byteCount: bytes.count)
    return unsafe told.head.withUnsafeBytes { unsafe send($0, to: socket) } && send(bytes, to: socket)
  }

  private func send(_ bytes: UnsafeRawBufferPointer, to socket: Int32) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = unsafe Glibc.send(socket, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      guard count > 0 || errno == EINTR else { return false }
      done += max(0, count)
    }
    return true
  }
}
