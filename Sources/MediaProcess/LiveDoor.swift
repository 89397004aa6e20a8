internal import Base
internal import Glibc
internal import Ingest
internal import Isolation
internal import Synchronization

/// The child's side: asks its parent for what it may not open itself.
///
/// ``WebSource`` is for one thread at a time.
final class LiveDoor: Sendable {
  private let channel: MessageChannel
  /// What is read now, -1 for nothing.
  private let body = Mutex<Int32>(-1)

  init(owning descriptor: Int32) { channel = MessageChannel(owning: descriptor) }

  private func ask(_ ask: DoorAsk) throws(Fault) -> (answer: DoorAnswer, descriptor: Int32?) {
    try channel.send(ask.message)
    guard case .message(let message, let descriptor) = channel.receive() else {
      throw Fault(.closed, "the process that opens addresses has ended")
    }
    let answer = try DoorAnswer(message)
    if case .failed(let fault) = answer { throw fault }
    return (answer, descriptor)
  }
}

extension LiveDoor: DatagramSource {
  func open() throws(Fault) -> RTSPReceiver.Datagrams {
    guard case (.datagrams(let port), let media?) = try ask(.datagrams),
      case (.datagrams, let control?) = try ask(.reports)
    else { throw FieldReader.nonsense }
    return RTSPReceiver.Datagrams(media: media, control: control, port: port)
  }

  func aim(media: Int, control: Int) throws(Fault) { _ = try ask(.aim(media: media, control: control)) }
}

extension LiveDoor: WebSource {
  func open(_ address: String, at base: String, range: Range<Int>?) throws(Fault) -> WebBody {
    drop()
    guard case (.body(let found), let descriptor?) = try ask(.fetch(address, base: base, range)) else {
      throw FieldReader.nonsense
    }
    body.withLock { $0 = descriptor }
    return WebBody(address: found.address, byteCount: found.byteCount, isPart: found.isPart)
  }

  func read(upTo count: Int) throws(Fault) -> [UInt8] {
    let descriptor = body.withLock { $0 }
    guard descriptor >= 0 else { return [] }
    var block = [UInt8](repeating: 0, count: min(count, 1 << 16))
    let found: Int
    do throws(SystemError) { found = try Descriptor.read(descriptor, into: &block) } catch { found = 0 }
    if found > 0 { return Array(block.prefix(found)) }
    drop()
    _ = try ask(.outcome)
    return []
  }

  private func drop() {
    body.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }
}
