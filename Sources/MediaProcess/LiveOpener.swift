public import Base
internal import Glibc
internal import Isolation

/// Opens what the process of a live source asks for, which may open nothing itself; it is hostile, as far as anybody knows.
public protocol LiveOpener: Sendable {
  /// Two ways for packets of the camera, the port of the first one here; the descriptors are closed by the caller.
  func datagrams() throws(Fault) -> (media: Int32, control: Int32, port: Int)
  /// To which ports of the camera its own packets go.
  func aim(media: Int, control: Int)
  /// Fetches all of what `address` means in a document at `base`, which takes as long as it takes: on a thread that may block.
  func fetch(
    _ address: String, at base: String, range: Range<Int>?, head: (LiveBody) throws(Fault) -> Void,
    into sink: ([UInt8]) throws(Fault) -> Void, goesOn: () -> Bool
  ) throws(Fault)
}

/// The thread that answers one such process, until it is gone.
final class DoorKeeper: @unchecked Sendable {  // the thread that runs it has it alone
  private let channel: MessageChannel
  private let opener: any LiveOpener
  /// The second way for packets, until it is asked for.
  private var reports: Int32 = -1
  /// Why the last fetching did not come to its end.
  private var fault: Fault?

  init(_ channel: MessageChannel, _ opener: any LiveOpener) { (self.channel, self.opener) = (channel, opener) }

  deinit { if reports >= 0 { close(reports) } }

  func begin() { NativeThread { [self] in run() }.leave() }

  private func run() {
    while case .message(let message, _) = channel.receive() {
      do throws(Fault) {
        do throws(Fault) { try answer(DoorAsk(message)) } catch { try channel.send(DoorAnswer.failed(error).message) }
      } catch {
        return
      }
    }
  }

  private func answer(_ ask: DoorAsk) throws(Fault) {
    switch ask {
    case .datagrams:
      guard reports < 0 else { throw FieldReader.nonsense }
      let found = try opener.datagrams()
      defer { close(found.media) }
      reports = found.control
      try channel.send(DoorAnswer.datagrams(port: found.port).message, descriptor: found.media)
    case .reports:
      guard reports >= 0 else { throw FieldReader.nonsense }
      defer { (_, reports) = (close(reports), -1) }
      try channel.send(DoorAnswer.datagrams(port: 0).message, descriptor: reports)
    case .aim(let media, let control):
      opener.aim(media: media, control: control)
      try channel.send(DoorAnswer.done.message)
    case .outcome:
      defer { fault = nil }
      try channel.send((fault.map { .failed($0) } ?? DoorAnswer.done).message)
    case .fetch(let address, let base, let range): try fetch(address, base, range)
    }
  }

  private func fetch(_ address: String, _ base: String, _ range: Range<Int>?) throws(Fault) {
    let pipe = try BodyPipe()
    var hasBegun = false
    fault = nil
    do throws(Fault) {
      try opener.fetch(address, at: base, range: range) { (head) throws(Fault) in
        hasBegun = true
        try channel.send(DoorAnswer.body(head).message, descriptor: pipe.readEnd)
        pipe.handOver()
      } into: { (bytes) throws(Fault) in
        try pipe.write(bytes) { !channel.isAwry }
      } goesOn: {
        // Whoever asks for something else does not want this any more.
        !channel.isAwry
      }
    } catch {
      guard hasBegun else { throw error }
      fault = error
    }
  }
}

/// What is fetched goes through it, no faster than it is read.
private final class BodyPipe {
  private(set) var readEnd: Int32
  private let writeEnd: Int32

  init() throws(Fault) {
    (readEnd, writeEnd) = try SocketEnds.make()
    _ = fcntl(writeEnd, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(writeEnd)
    handOver()
  }

  /// The other process has its own copy.
  func handOver() {
    if readEnd >= 0 { close(readEnd) }
    readEnd = -1
  }

  /// Waits for the reader for as long as `goesOn` says.
  func write(_ bytes: [UInt8], goesOn: () -> Bool) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe send(writeEnd, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        done += count
        continue
      }
      guard errno == EAGAIN || errno == EINTR, goesOn() else { throw Fault(.closed, "it is not read any more") }
      var waiting = pollfd(fd: writeEnd, events: Int16(POLLOUT), revents: 0)
      _ = unsafe poll(&waiting, 1, 200)
    }
  }
}
