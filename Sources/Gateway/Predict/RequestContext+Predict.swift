internal import Base
internal import Execution
internal import Predictions
internal import Rollouts
internal import Serving
internal import Vision
internal import Web

/// Who predicts, for the routes that have it done: a pipeline, and in whose name it answers.
struct Predictor: Sendable {
  let pipeline: LoadedPipeline
  /// The members in front of an answer, such as model, version and task.
  let head: [(name: String, text: String)]
  /// As predictions name the model of each step: `NAME@sha256:…`.
  let models: [String]
  /// Of each model that works on it, where the request is counted.
  let metrics: [ModelMetrics]
  /// The model alone that answers, and by which roll-out.
  var route: RoutedVersion?
  /// In a pipeline, whom the other version is to be asked of as well, and the pipeline with it.
  var shadowed: [(route: RoutedVersion, pipeline: @Sendable () throws(Fault) -> LoadedPipeline)] = []
  /// Who predicts instead where a candidate of a roll-out gives no answer, or does not take what it is shown.
  var rescue: (@Sendable () throws(Fault) -> Predictor)?
  /// It stands in for a candidate that refused what it was shown: an answer is what shows that to be the candidate's error.
  var isAfterRefusal = false

  /// Counts a request that has no answer.
  func count(_ failure: InferenceFailure) { for metrics in metrics { metrics.add(failure) } }
}

extension RequestContext {
  /// Looks at a picture or a clip with a model and answers what it saw; `version` is `nil` for the usual one.
  func predict(_ model: String, _ version: String?) throws(Failure) -> BodyWork {
    _ = try find(model, version)
    return try predict { (query, media) throws(Fault) in
      let route = try models.route(model, version: version) {
        request.header(RolloutKey.header) ?? RolloutKey.of(media.pointer.bytes)
      }
      do throws(Fault) { return try Self.predictor(route, query) } catch {
        // Labels that the candidate has not, say.
        guard let rescue = route.rescue else { throw error }
        var predictor = try Self.predictor(rescue, query)
        predictor.isAfterRefusal = error.isRefusal
        if !error.isRefusal { rescue.countRescue() }
        return predictor
      }
    }
  }

  private static func predictor(_ route: RoutedVersion, _ query: PredictQuery) throws(Fault) -> Predictor {
    let served = route.served
    let pipeline = try served.pipeline(every: query.every ?? 1, with: query.options)
    let model = pipeline.models[0].identity
    let task = served.picture?.recipe.task ?? .tensor
    var predictor = Predictor(
      pipeline: pipeline, head: [("model", model), ("version", served.version), ("task", task.rawValue)],
      models: [model], metrics: [served.metrics], route: route)
    if let rescue = route.rescue {
      predictor.rescue = { () throws(Fault) in try Self.predictor(rescue, query) }
    }
    return predictor
  }

  /// Looks at the picture or clip of the request with what `choose` names for its query, and answers what was seen.
  func predict(
    with choose: @escaping @Sendable (PredictQuery, SharedBytes) throws(Fault) -> Predictor
  ) throws(Failure) -> BodyWork {
    let query = try PredictQuery(try query())
    try refuseCodedBody()
    return BodyWork { (body, exchange) throws(Failure) in
      do throws(Fault) {
        let media = try PredictMedia.read(body, of: request)
        try self.look(at: media, with: choose(query, media), query, exchange)
      } catch { throw Failure(error) }
    }
  }

  private func look(
    at media: SharedBytes, with predictor: Predictor, _ query: PredictQuery, _ exchange: Exchange,
    _ leaving: Leaving? = nil
  ) throws(Fault) {
    let mine = leaving ?? Leaving()
    let turn = mine.begin()
    var options = PicturePrediction.Options(
      predictor.pipeline, source: source, deadline: deadline(seconds: query.timeout, from: request.receivedAt))
    (options.draws, options.trace) = (query.draws, trace)
    let asked = Clock.now
    let done: PicturePrediction.Done = { result in
      if case .failure(let failure) = result { predictor.count(failure) }
      guard !exchange.isGone else { return }
      if self.isRescued(from: result, of: media, predictor, query, exchange, mine) { return }
      let writing = Clock.now
      exchange.answer(Self.response(to: result, predictor, query, request).traced(request))
      guard case .success(let seen) = result else { return }
      let now = Clock.now
      for metrics in predictor.metrics {
        metrics.answered(prepare: seen.prepared, write: now - writing, total: now - request.receivedAt)
      }
      self.tell("wait for a decoder", from: asked, to: seen.decoding.lowerBound)
      self.tell("decode", from: seen.decoding.lowerBound, to: seen.decoding.upperBound)
      self.tell("write", from: writing, to: now)
      self.note(seen, of: media, predictor, query)
    }
    let prediction: PicturePrediction
    do { prediction = try PicturePrediction(of: media, options, at: gateway.pictures, done: done) } catch {
      predictor.count(.failed(error))
      throw error
    }
    // Unless it is lost already, and the baseline is asked.
    mine.cancels(turn) { prediction.cancel() }
    if leaving == nil { exchange.onGone(mine.left) } else if exchange.isGone { mine.left() }
  }

  /// Whether the baseline is asked, because the candidate of a roll-out gave no answer.
  private func isRescued(
    from result: Result<PicturePrediction.Result, InferenceFailure>, of media: SharedBytes, _ predictor: Predictor,
    _ query: PredictQuery, _ exchange: Exchange, _ leaving: Leaving
  ) -> Bool {
    guard let rescue = predictor.rescue, case .failure(let failure) = result, failure.isLoss || failure.isRefusal
    else { return false }
    do throws(Fault) {
      var other = try rescue()
      other.isAfterRefusal = !failure.isLoss
      if failure.isLoss { other.route?.countRescue() }
      try look(at: media, with: other, query, exchange, leaving)
      return true
    } catch { return false }
  }

  /// What was seen is counted where the request went by a roll-out, and the other version asked as well where that was drawn.
  private func note(
    _ seen: PicturePrediction.Result, of media: SharedBytes, _ predictor: Predictor, _ query: PredictQuery
  ) {
    let mine = seen.frames.map(\.predictions)
    guard let route = predictor.route else {
      for predictions in mine { models.count(predictions, of: predictor.pipeline) }
      for (route, pipeline) in predictor.shadowed {
        let steps = predictor.pipeline.models.indices.filter {
          predictor.pipeline.models[$0].name == route.served.model
        }
        ask(route, of: media, mine, steps: Set(steps)) { (_) throws(Fault) in try pipeline() }
      }
      return
    }
    guard route.isCounted else { return }
    if predictor.isAfterRefusal { route.countRefusal() }
    route.count(mine)
    ask(route, of: media, mine) { (other) throws(Fault) in
      try other.pipeline(every: query.every ?? 1, with: query.options)
    }
  }

  /// Has the other version asked as well, in a quiet moment, through the pipeline that is made for it.
  private func ask(
    _ route: RoutedVersion, of media: SharedBytes, _ mine: [[Prediction]], steps: Set<Int>? = nil,
    _ pipeline: @escaping @Sendable (ServedVersion) throws(Fault) -> LoadedPipeline
  ) {
    route.askShadow(byteCount: media.count) { [pictures = gateway.pictures] other, done in
      do throws(Fault) {
        let options = PicturePrediction.Options(
          try pipeline(other), source: "shadow", deadline: Clock.now + Self.shadowPatience)
        _ = try PicturePrediction(of: media, options, at: pictures) { result in
          switch result {
          case .success(let theirs): route.countShadow(mine, theirs.frames.map(\.predictions), steps: steps)
          case .failure: route.countShadow(isDropped: false)
          }
          done()
        }
      } catch {
        route.countShadow(isDropped: error.kind == .exhausted)
        done()
      }
    }
  }

  /// Nanoseconds that a version may take that nobody waits for.
  private static let shadowPatience: UInt64 = 20_000_000_000

  private static func response(
    to result: Result<PicturePrediction.Result, InferenceFailure>, _ predictor: Predictor, _ query: PredictQuery,
    _ request: Request
  ) -> Response {
    do throws(Failure) {
      switch result {
      case .success(let seen):
        let answer = PredictAnswer(
          head: predictor.head, models: predictor.models, size: seen.size, isPicture: seen.isPicture,
          frames: seen.frames, corruptFrames: seen.corruptFrames, drawing: seen.drawing)
        return try answer.response(drawn: query.draws)
      case .failure(let failure): throw Self.failure(failure)
      }
    } catch { return error.response(request) }
  }

  /// What is answered where a model gave no answer.
  static func failure(_ failure: InferenceFailure) -> Failure {
    switch failure {
    case .late: .late
    case .cancelled: .clientLeft
    default: Failure(failure.fault, retryAfter: failure.retryAfter)
    }
  }
}

extension InferenceFailure {
  /// The version gave no answer, and another may.
  fileprivate var isLoss: Bool {
    switch self {
    case .refused: true
    case .failed(let fault), .lost(let fault): [.unavailable, .bug, .closed, .exhausted].contains(fault.kind)
    case .late, .cancelled: false
    }
  }

  /// The version does not take what it was shown.
  fileprivate var isRefusal: Bool {
    if case .failed(let fault) = self { fault.isRefusal } else { false }
  }
}

extension Fault {
  /// It is about what was asked, and not about who was to answer.
  fileprivate var isRefusal: Bool { ![.unavailable, .bug, .closed, .exhausted].contains(kind) }
}
