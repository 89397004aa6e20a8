internal import Access
internal import Base
internal import Execution
internal import Forms
internal import Predictions
internal import Serving
internal import Vision
internal import Web

/// Pictures and clips in, predictions out.
extension Gateway {
  /// What the address says behind its question mark.
  struct PredictQuery {
    var draws = false
    var every = 1.0
    /// Seconds.
    var timeout: Double?
  }

  func predict(_ request: Request, _ model: String, _ version: String?, _ caller: Caller) throws(Failure) -> Route {
    let served = try find(model, version)
    let query = try Self.query(request)
    try refuseCoded(request)
    return .body(limit: options.bodyLimit) { [self] body, exchange in
      do throws(Failure) {
        try predict(body, served, query, caller, exchange)
      } catch {
        exchange.answer(error.response(exchange.request))
      }
    }
  }

  private static func query(_ request: Request) throws(Failure) -> PredictQuery {
    var query = PredictQuery()
    for pair in (request.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let value = parts.count == 2 ? parts[1] : ""
      switch parts[0] {
      case "draw":
        guard ["", "0", "1", "true", "false"].contains(value) else { throw unfit("draw", value, "1 or 0") }
        query.draws = value != "0" && value != "false"
      case "every": query.every = try seconds("every", value, in: 0.001...3600)
      case "timeout": query.timeout = try seconds("timeout", value, in: 0.001...3600)
      default:
        let hint = Spelling.hint(for: parts[0], among: ["draw", "every", "timeout"])
        throw Failure(Fault(.badInput, "there is no parameter '\(parts[0])'\(hint): draw, every and timeout are known"))
      }
    }
    return query
  }

  private static func seconds(_ name: String, _ text: String, in range: ClosedRange<Double>) throws(Failure) -> Double {
    guard let value = Double(text.hasSuffix("s") ? String(text.dropLast()) : text), range.contains(value) else {
      throw unfit(name, text, "seconds from \(range.lowerBound) to \(Int(range.upperBound))")
    }
    return value
  }

  private static func unfit(_ name: String, _ value: String, _ wanted: String) -> Failure {
    Failure(Fault(.badInput, "\(name) is '\(value)', and \(wanted) is needed"))
  }

  private func predict(
    _ body: Body, _ served: ServedVersion, _ query: PredictQuery, _ caller: Caller, _ exchange: Exchange
  ) throws(Failure) {
    let request = exchange.request
    guard let pipeline = served.pipeline(every: query.every) else { throw Failure(served.blindness) }
    var options = PicturePrediction.Options(
      pipeline, source: source(caller, request), deadline: deadline(request, seconds: query.timeout))
    options.draws = query.draws
    let prediction: PicturePrediction
    do throws(Fault) {
      prediction = try PicturePrediction(of: try media(body, request), options, pool: crew) { result in
        guard !exchange.isGone else { return }
        let writing = Clock.now
        exchange.answer(Self.response(to: result, query, served, request).traced(request))
        guard case .success(let seen) = result else { return }
        let now = Clock.now
        served.metrics.answered(prepare: seen.prepared, write: now - writing, total: now - request.receivedAt)
      }
    } catch { throw Failure(error) }
    exchange.onGone { prediction.cancel() }
  }

  /// The picture or clip: the whole body, or the one file of a form.
  private func media(_ body: Body, _ request: Request) throws(Fault) -> LentBytes {
    let whole = LentBytes(body.bytes, of: body)
    guard let type = request.header("content-type"), type.lowercased().hasPrefix("multipart/") else {
      guard whole.count > 0 else {
        throw Fault(
          .badInput, "the request has no body: send a picture or a short clip, such as with curl -F image=@cat.jpg")
      }
      return whole
    }
    let boundary = try MultipartForm.boundary(of: type)
    let parts = try body.withBytes { (bytes) throws(Fault) in try MultipartForm.parts(of: bytes, boundary: boundary) }
    let files = parts.filter { $0.name == "image" || $0.name == "video" || $0.filename != nil }
    guard files.count == 1 else {
      let names = parts.map(\.name).joined(separator: ", ")
      throw Fault(
        .badInput,
        "the form has \(files.count) files (\(names)), and one is needed: name it image or video, as in curl -F image=@cat.jpg"
      )
    }
    return whole[files[0].content]
  }

  private static func response(
    to result: Result<PicturePrediction.Result, InferenceFailure>, _ query: PredictQuery, _ served: ServedVersion,
    _ request: Request
  ) -> Response {
    switch result {
    case .success(let seen):
      if query.draws {
        guard seen.isPicture, let drawing = seen.drawing else {
          return Failure(
            Fault(.unsupported, "only pictures are drawn on: send one, or use 'ridley analyze --video' for clips")
          ).response(request)
        }
        return Response(200, headers: [("Content-Type", "image/jpeg")], body: drawing)
      }
      return .json(json(seen, served))
    case .failure(.late): return Failure.late.response(request)
    case .failure(.cancelled): return Failure(499, Fault(.closed, "the client left")).response(request)
    case .failure(let failure): return Failure(failure.fault, retryAfter: failure.retryAfter).response(request)
    }
  }

  private static func json(_ seen: PicturePrediction.Result, _ served: ServedVersion) -> [UInt8] {
    var json = JSONWriter()
    json.beginObject()
    json.key("model")
    json.string("\(served.model)@\(served.digest)")
    json.key("version")
    json.string(served.version)
    json.key("task")
    json.string(served.picture!.recipe.task.rawValue)
    json.key("width")
    json.integer(seen.size.width)
    json.key("height")
    json.integer(seen.size.height)
    json.key("frames")
    json.integer(seen.frames.count)
    json.key("predictions")
    json.beginArray()
    for frame in seen.frames {
      for prediction in frame.predictions {
        PredictionJSON.write(
          prediction, at: seen.isPicture ? nil : frame.stamp, model: "\(served.model)@\(served.digest)", into: &json)
      }
    }
    json.endArray()
    json.endObject()
    return json.bytes
  }
}
