internal import Base
internal import Glibc
internal import Synchronization

/// The clocks of a node's machine, and what is known of the centre's.
public final class NodeClock: Sendable {
  private let now: @Sendable () -> NodeMoment
  private let offset: Monitor<ClockOffset>

  /// The machine's own.
  public convenience init() {
    let boot = (try? FileSystem.read("/proc/sys/kernel/random/boot_id", limit: 64)).flatMap(Self.word) ?? Self.drawn()
    self.init(boot: boot) {
      NodeMoment(wall: Int(Clock.seconds * 1000), monotonic: Self.milliseconds, boot: boot)
    }
  }

  init(boot: String, now: @escaping @Sendable () -> NodeMoment) {
    (self.now, offset) = (now, Monitor(ClockOffset(boot: boot)))
  }

  public var moment: NodeMoment { now() }

  /// Takes the four moments of one question to the centre; those of the node are its ``NodeMoment/monotonic``.
  public func take(_ sample: ClockOffset.Sample) { offset.update { $0.take(sample) } }

  /// How far the node's wall clock is behind the centre's; `nil` where the centre was not heard since the machine was started.
  public var skew: Int? { skew(at: moment) }

  func skew(at moment: NodeMoment) -> Int? { offset.update { $0.skew(at: moment) } }

  /// Whether the wall's clock was right at a moment, as far as is known; not where the centre was not heard yet.
  func isRight(at moment: NodeMoment) -> Bool { skew(at: moment).map { abs($0) < Self.tolerance } ?? false }

  /// Both clocks at a moment of a wall's clock that is right.
  func right(at wall: Int) -> NodeMoment {
    let known = known
    return NodeMoment(wall: wall, monotonic: wall - (known.ahead ?? 0), boot: known.boot)
  }

  /// What clocks may differ by, in milliseconds, before times are moved.
  static let tolerance = 1000

  var known: ClockOffset {
    get { offset.update { $0 } }
    set { offset.update { $0 = newValue } }
  }

  /// Since the machine was started; they go on while it sleeps, as the centre's clock does.
  private static var milliseconds: Int {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int(time.tv_sec) * 1000 + Int(time.tv_nsec) / 1_000_000
  }

  private static func word(_ bytes: [UInt8]) -> String? {
    let text = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
    return PlainName.isValid(text) ? text : nil
  }

  /// Where the machine does not say which start of it this is, each process is taken for one.
  private static func drawn() -> String { Hex.text((0..<16).map { _ in UInt8.random(in: 0 ... .max) }) }
}
