internal import Base
internal import JSON

/// How far the centre's clock is ahead of what the node's machine counts since its start, measured as NTP does.
///
/// Of a clock that nobody can set: whoever sets the one on the node's wall changes nothing of it. A value; milliseconds.
public struct ClockOffset: Sendable, Hashable {
  /// Four moments of one question: as the node sent it, as the centre had it and answered, and as the node had the answer.
  public struct Sample: Sendable, Hashable {
    public let (sent, had, answered, got): (Int, Int, Int, Int)

    public init(sent: Int, had: Int, answered: Int, got: Int) {
      (self.sent, self.had, self.answered, self.got) = (sent, had, answered, got)
    }

    var ahead: Int { (had - sent + answered - got) / 2 }
    /// On the way: half of it is how wrong ``ahead`` may be.
    var trip: Int { max(0, got - sent - (answered - had)) }
  }

  public private(set) var ahead: Int?
  private var trip = Int.max
  private var moment = 0
  /// For each earlier start of the machine what was last known, the newest at the end.
  private(set) var former: [Former] = []
  private(set) var boot: String

  struct Former: Sendable, Hashable {
    let boot: String
    let ahead: Int
  }

  /// After so many milliseconds any sample is better than an old one: crystals of two machines drift apart by a second in some hours.
  private static let patience = 600_000
  /// Milliseconds that two machines drift apart in these at most.
  private static let drift = 500
  private static let mostFormer = 16

  public init(boot: String) { self.boot = boot }

  /// Keeps the sample with the shortest way of the last minutes, and any that the one before it cannot be true with: the centre's clock was set.
  public mutating func take(_ sample: Sample) {
    let range = 0...(1 << 53)
    guard [sample.sent, sample.had, sample.answered, sample.got].allSatisfy(range.contains), sample.got >= sample.sent
    else { return }
    let isBetter = sample.trip <= trip || sample.got - moment > Self.patience
    guard isBetter || ahead.map({ abs($0 - sample.ahead) > (sample.trip + trip) / 2 + Self.drift }) ?? true else {
      return
    }
    (ahead, trip, moment) = (sample.ahead, sample.trip, sample.got)
  }

  /// How far the node's wall clock was behind the centre's at a moment; `nil` where that is not known.
  public func skew(at moment: NodeMoment) -> Int? {
    let ahead =
      moment.boot.utf8.elementsEqual(boot.utf8)
      ? ahead : former.last { $0.boot.utf8.elementsEqual(moment.boot.utf8) }?.ahead
    return ahead.map { moment.monotonic + $0 - moment.wall }
  }
}

extension ClockOffset {
  private enum Key: String, CaseIterable { case boots }
  private enum FormerKey: String, CaseIterable { case boot, ahead }

  /// What the next process of the node knows of it.
  var json: [UInt8] {
    let all = former + (ahead.map { [Former(boot: boot, ahead: $0)] } ?? [])
    return JSONWriter.object { json in
      json.array("boots") { json in
        for one in all.suffix(Self.mostFormer) {
          json.object { json in
            json.field("boot", one.boot)
            json.field("ahead", one.ahead)
          }
        }
      }
    }
  }

  /// Reads what ``json`` wrote, in this start of the machine.
  init(_ body: [UInt8], boot: String) throws(Fault) {
    self.init(boot: boot)
    let document = try JSONDocument(parsing: body.span.bytes, name: "what is known of clocks")
    for value in try document.root.fields(Key.self).required(.boots).elements() {
      let fields = try value.fields(FormerKey.self)
      let one = Former(
        boot: try fields.required(.boot).string(), ahead: try fields.required(.ahead).integer())
      if one.boot.utf8.elementsEqual(boot.utf8) { ahead = one.ahead } else { former.append(one) }
    }
  }
}
