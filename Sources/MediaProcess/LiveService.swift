public import Base
internal import Glibc
internal import Isolation
internal import Media

/// What runs in the process of one live source: `ridley source-process`.
///
/// One thread receives and decodes and keeps the newest picture; this one answers the parent.
public enum LiveService {
  /// Serves the process that started this one until that one lets it go.
  ///
  /// - Throws: `usage` where no process of this program started it.
  public static func run() throws(Fault) {
    // What is said to a camera that has hung up is no reason to end.
    signal(SIGPIPE, SIG_IGN)
    let (channel, memory) = try MediaService.begin()
    try channel.send(Answer.ready(Sandbox.enter()).message)
    let desk = LiveDesk(memory)
    while case .message(let message, let descriptor) = channel.receive() {
      guard let answer = desk.answer(message, descriptor: descriptor) else { return }
      try channel.send(answer.message)
    }
  }
}

/// Answers the parent about one live source.
private final class LiveDesk {
  private let memory: SharedMemory
  private var bell: Bell?
  private var view: Int32?
  private var door: LiveDoor?
  private var source: LiveSource?
  private var frames: [Int: Frame] = [:]

  init(_ memory: SharedMemory) { self.memory = memory }

  /// `nil` at the end; the descriptor is owned.
  func answer(_ message: Message, descriptor: Int32?) -> Answer? {
    do throws(Fault) {
      let (request, released) = try Request.read(message)
      for number in released { frames[number] = nil }
      return try answer(request, descriptor: descriptor)
    } catch {
      return .failed(error)
    }
  }

  private func answer(_ request: Request, descriptor: Int32?) throws(Fault) -> Answer? {
    switch request {
    case .bell:
      guard let descriptor else { throw FieldReader.nonsense }
      bell = Bell(owning: descriptor)
    case .view:
      guard let descriptor, source == nil else { throw FieldReader.nonsense }
      view = descriptor
    case .stills(let areWanted):
      guard let source else { throw FieldReader.nonsense }
      source.makeStills(areWanted)
    case .door:
      guard let descriptor, door == nil else { throw FieldReader.nonsense }
      door = LiveDoor(owning: descriptor)
    case .live(let order):
      guard let bell, source == nil, descriptor != nil || order.kind == .web else { throw FieldReader.nonsense }
      let source = LiveSource(order, descriptor ?? -1, bell, door, view: view)
      self.source = source
      source.begin()
    case .latest(let number):
      guard let source else { throw FieldReader.nonsense }
      let (progress, newest) = source.latest(takes: number > 0)
      guard let newest else { return .live(progress, newest: nil) }
      frames[number] = newest.frame
      return .live(progress, newest: (FrameFacts(newest.frame), Int(clamping: newest.captured)))
    case .thrift(let thrift):
      guard let source else { throw FieldReader.nonsense }
      source.save(thrift)
    case .render(let order): try order.render(frames[order.frame], into: memory)
    case .close:
      source?.leave()
      return nil
    case .probe: return .openDoors(Sandbox.openDoors())
    case .setUp, .open, .next, .index, .seek, .sound, .listen: throw FieldReader.nonsense
    }
    return .rendered
  }
}

extension RenderOrder {
  /// In the child: what is asked for lies in the memory that is shared, and the frame is still there.
  func render(_ frame: Frame?, into memory: SharedMemory) throws(Fault) {
    guard let frame, place.upperBound <= memory.byteCount, place.count == size.area * order.channels else {
      throw FieldReader.nonsense
    }
    let bytes = unsafe memory.writableBytes(place)
    var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
    try frame.render(
      into: &span, size: size, source: source, target: target, order: order, pad: pad, interpolation: interpolation)
  }
}
