public import Base
public import Catalog
internal import Execution
internal import Synchronization

extension StreamDesk {
  /// What a stream is asked about that is not there yet.
  public struct Question: Sendable {
    /// A stream that it is like, of the same client.
    public var like: String?
    public var pipeline: String?
    public var model: String?
    /// Pictures a second that come, and answers that are wanted.
    public var pictures: Double?
    public var rate: Double?

    public init() {}

    /// About a stream that is asked for.
    init(_ draft: Draft) { (pipeline, model, rate) = (draft.pipeline, draft.model, draft.rate) }
  }

  /// How much of this machine streams want, and how many more fit; streams of other clients count, and are not named.
  public func capacity(_ question: Question, scope: ClientScope, client: String) throws(Fault) -> StreamCapacity {
    if let like = question.like { _ = try view(like, scope: scope, client: client) }
    let units = units(for: question, client: client)
    return state.withLock { state in
      let all = state.entries.map { place, entry in
        StreamCapacity.Stream(
          name: place.name, client: place.client, want: Self.want(place, entry, state),
          taken: state.meter.paces[place.text]?.taken ?? 0)
      }
      let streams = all.filter { scope.covers($0.client) }.sorted { ($0.client, $0.name) < ($1.client, $1.name) }
      let known = question.like.flatMap { name in
        state.entries.first { $0.key.client == client && $0.key.name == name }
      }
      let like = known.map { Self.want($0.key, $0.value, state) } ?? Self.guess(question, state)
      return StreamCapacity(
        processors: Processor.count, streams: streams, wanted: all.reduce(0) { $0 + $1.want.processors },
        taken: all.reduce(0) { $0 + $1.taken }, like: like, units: units)
    }
  }

  /// Of what is to look, what runs on other hosts alone and has least room there.
  private func units(for question: Question, client: String) -> StreamCapacity.Units? {
    let known = question.like.flatMap { name in
      state.withLock { $0.entries.first { $0.key.client == client && $0.key.name == name }?.value.draft }
    }
    var draft = known ?? Draft(source: "")
    if known == nil { (draft.pipeline, draft.model) = (question.pipeline, question.model) }
    guard let pipeline = try? find(draft, nil) else { return nil }
    let all = pipeline.models.compactMap { model in
      model.far.flatMap { far in
        far.isAlone
          ? StreamCapacity.Units(model: model.name, places: far.places, busy: far.busy, answering: far.seconds) : nil
      }
    }
    return all.min { $0.free < $1.free }
  }

  /// Refuses one more stream than there are places, or than one client may have of them.
  func checkPlaces(for client: String) throws(Fault) {
    let (all, own) = state.withLock { state in
      (state.isEnded ? options.most : state.entries.count, state.entries.keys.count { $0.client == client })
    }
    guard all < options.most else {
      throw Fault(.exhausted, "this server has \(options.most) streams, and takes no more")
    }
    guard options.mayBeOneClients || own < options.most / 2 else {
      throw Fault(.exhausted, "this client has \(own) streams, half of those that this server takes: remove one first")
    }
  }

  /// Refuses a stream for which there is no room, as far as that is known.
  func checkRoom(for draft: Draft, at place: Place) throws(Fault) {
    guard !draft.isForced else { return }
    let capacity = try capacity(Question(draft), scope: .all, client: "")
    guard var like = capacity.like else { return }
    if draft.looker == nil { like.answers = 0 }
    // What is changed is no second one.
    let own = capacity.streams.first { ($0.client, $0.name) == (place.client, place.name) }?.want.processors ?? 0
    let wanted = capacity.wanted - own
    if let units = capacity.units, own == 0, like.answers * (units.answering ?? 0) > units.free {
      throw Fault(
        .exhausted,
        "the units that compute '\(units.model)' have no room for another such stream: \(NumberFormat.fixed(max(0, units.free), 2)) of \(units.places) places are free. Start another unit, ask for fewer answers with 'rate', or have it all the same, and all of them slower, with 'force'"
      )
    }
    guard wanted + like.processors > capacity.usable else { return }
    let figures = [like.processors, max(0, capacity.usable - wanted)].map { NumberFormat.fixed($0, 2) }
    throw Fault(
      .exhausted,
      "this machine has no room for another such stream: it would take \(figures[0]) processors, and \(figures[1]) of \(capacity.processors) are free. Ask for fewer answers with 'rate', or have it all the same, and all of them slower, with 'force'"
    )
  }

  /// Looks at all streams now and then.
  func measure() {
    state.withLock { state in
      let now = Clock.now
      guard state.meter.isDue(now) else { return }
      let looks = state.entries.map { place, entry in
        StreamMeter.Look(stream: place.text, pipeline: entry.draft.looker, figures: entry.stream.figures)
      }
      state.meter.look(looks, processor: Clock.processorTime, now: now)
    }
  }

  private static func want(_ place: Place, _ entry: Entry, _ state: State) -> StreamCapacity.Want {
    let meter = state.meter
    let pace = meter.paces[place.text] ?? StreamMeter.Pace()
    // What was just added wants what others like it do, though nothing of it was measured.
    if pace.pictures == 0, entry.stream.figures.state == .connecting || entry.stream.figures.received > 0 {
      if var like = guess(Question(entry.draft), state) {
        if entry.draft.looker == nil { like.answers = 0 }
        return like
      }
    }
    let answers: Double =
      switch (entry.draft.looker, entry.stream.figures.sampling) {
      case (nil, _): 0
      case (_, .all): pace.pictures
      case (_, .keyFrames): pace.keys
      case (_, .every(let seconds)): min(pace.pictures, 1 / seconds)
      case (_, .fps(let rate)): min(pace.pictures, rate)
      }
    return StreamCapacity.Want(
      pictures: pace.pictures, answers: answers, decoding: pace.decoding ?? 0,
      answering: entry.draft.looker.flatMap { meter.answers[$0] } ?? 0)
  }

  /// A stream that nobody has seen is taken for one like the others.
  private static func guess(_ question: Question, _ state: State) -> StreamCapacity.Want? {
    let paces = state.meter.paces.values.filter { $0.pictures > 0 }
    guard !paces.isEmpty else { return nil }
    let usual = paces.reduce(0) { $0 + $1.pictures } / Double(paces.count)
    let decoding = paces.compactMap(\.decoding)
    let pictures = question.pictures ?? usual
    let looker = question.pipeline.map { "pipeline \($0)" } ?? question.model.map { "model \($0)" }
    guard let answering = looker.map({ state.meter.answers[$0] }) ?? mean(state.meter.answers.values) else {
      return nil
    }
    return StreamCapacity.Want(
      pictures: pictures, answers: min(pictures, question.rate ?? pictures), decoding: mean(decoding) ?? 0,
      answering: answering)
  }

  private static func mean(_ values: some Collection<Double>) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

extension StreamDesk.Draft {
  /// What looks at the stream; `nil` where nothing does.
  var looker: String? { pipeline.map { "pipeline \($0)" } ?? model.map { "model \($0)" } }
}
