internal import Base
internal import Execution
public import Rollouts

/// The rollouts that a server goes by: who answers which question, and what was seen of it since the last stage began.
///
/// Any thread.
public final class RolloutDesk: Sendable {
  /// What was decided for one question.
  public struct Choice: Sendable, Hashable {
    public let model: String
    let key: String
    let rollout: String
    let stage: Int
    let baseline: String
    let candidate: String
    /// It is the candidate that is to answer.
    public let isCandidate: Bool
    /// The other version is to be asked as well.
    public let wantsShadow: Bool
    let tolerance: Double
  }

  /// Whether a candidate may be asked, before anybody does.
  public enum Fitness: Sendable, Hashable {
    case fit
    /// It is being loaded, or looked at.
    case unknown
    /// It never may, and why.
    case unfit(String)
  }

  struct Active: Sendable {
    var rollout: Rollout
    /// By this server, in this stage.
    var seen = RolloutEvidence()
    var isNoted = true
    /// When it was written down last, in monotonic nanoseconds.
    var noted: UInt64 = 0
    /// Why the candidate is out here, whether that is written down yet or not.
    var loss: String?
    /// It was seen that the candidate may be asked.
    var isFit = false
    var isOut: Bool { loss != nil || !isFit }
    /// What it waits for, or what became of it.
    var news = ""
    /// What all servers have seen in this stage, as of the last look.
    var known = RolloutEvidence()
  }

  struct State: Sendable {
    var active: [String: Active] = [:]
    /// Promoted ones whose alias was not moved here yet.
    var promoted: [String: Rollout] = [:]
    /// Why rollouts could not be read at the last look.
    var unread: Set<String> = []
    /// How rollouts ended that went on here, by model and state.
    var endings: [String: Int] = [:]
  }

  let state = Monitor(State())
  /// What this server calls itself in what it has seen: another one each time that it starts.
  let reporter: String
  /// Asks the other version.
  public let shadows = ShadowQueue()
  /// Called where questions of a model are shared out otherwise from now on; on the thread that noticed it.
  let changed = Monitor<[@Sendable (String) -> Void]>([])

  public init() {
    var random = SystemRandomNumberGenerator()
    reporter = String(random.next(), radix: 36)
  }

  /// Has `body` called with a model's name whenever its questions are shared out otherwise.
  public func onChange(_ body: @escaping @Sendable (_ model: String) -> Void) { changed.update { $0.append(body) } }

  /// Who is to answer a question to `live`; `nil` where no rollout goes on.
  ///
  /// The key is only asked for where one does.
  func choose(_ model: String, key: () -> String) -> Choice? {
    guard
      let (rollout, isOut) = state.update({ state -> (Rollout, Bool)? in
        state.active[model].map { ($0.rollout, $0.isOut) } ?? state.promoted[model].map { ($0, false) }
      })
    else { return nil }
    let key = key()
    let isCandidate = !isOut && rollout.canaryShare.has(key, rollout.share)
    return Choice(
      model: model, key: key, rollout: rollout.id, stage: rollout.stage, baseline: "\(rollout.plan.baseline)",
      candidate: "\(rollout.plan.candidate)", isCandidate: isCandidate,
      wantsShadow: !isOut && rollout.shadowShare.has(key, rollout.shadow), tolerance: rollout.plan.tolerance)
  }

  /// Whether a thing of this key is drawn for the other version.
  func draws(_ choice: Choice, _ key: String) -> Bool {
    guard let active = state.update({ $0.active[choice.model] }), !active.isOut else { return false }
    return active.rollout.shadowShare.has(key, active.rollout.shadow)
  }

  /// Counts what was seen of a question, where the rollout that it went by is still at that stage.
  func add(_ choice: Choice, _ body: (inout RolloutEvidence) -> Void) {
    state.update { state in
      guard state.active[choice.model]?.rollout.id == choice.rollout,
        state.active[choice.model]?.rollout.stage == choice.stage
      else { return }
      body(&state.active[choice.model]!.seen)
      state.active[choice.model]!.isNoted = false
    }
  }

  /// A candidate that no client is answered by yet: it runs in a process of its own, so that nobody but itself hears of a crash.
  func isOnlyShadowed(_ model: String, _ version: String) -> Bool {
    state.update { state in
      state.active[model].map { "\($0.rollout.plan.candidate)" == version && $0.rollout.share == 0 } ?? false
    }
  }

  /// A rollout as it stands here.
  public struct Standing: Sendable {
    public let rollout: Rollout
    /// What all servers have seen in this stage, and what it waits for.
    public let evidence: RolloutEvidence
    public let news: String
  }

  public func standing(of model: String) -> Standing? {
    state.update { state in
      state.active[model].map { Standing(rollout: $0.rollout, evidence: $0.known, news: $0.news) }
    }
  }

  /// Questions to the model go by a rollout, or by one whose alias has not moved here yet.
  func isRolledOut(_ model: String) -> Bool {
    state.update { $0.active[model] != nil || $0.promoted[model] != nil }
  }

  /// All that go on, by model.
  public var standings: [Standing] {
    state.update { state in
      state.active.keys.sorted().map { name in
        let one = state.active[name]!
        return Standing(rollout: one.rollout, evidence: one.known, news: one.news)
      }
    }
  }

  /// The versions that are being rolled out, by model.
  public var candidates: [String: Int] {
    state.update { state in state.active.mapValues(\.rollout.plan.candidate) }
  }

  /// How many rollouts ended here since the server began, by model and state.
  public var endings: [(model: String, state: String, count: Int)] {
    state.update(\.endings).sorted { $0.key < $1.key }.map { key, count in
      let parts = key.split(separator: "/").map(String.init)
      return (parts[0], parts[1], count)
    }
  }
}
