public import Base
public import Items
internal import JSON

/// What is done to jobs, as writes of one transaction each, on the versions that were read.
public enum JobChange {
  /// A new job; `request` is the client's own key for it, with the digest of what was asked under it.
  public static func start(_ job: Job, request: (key: String, digest: String)?) -> [Write] {
    var writes: [Write] = [.put(LibraryKeys.job(job.id), job.json, if: .absent)]
    if let request {
      let body = JobRequestMark(job: job.id, digest: request.digest).json
      writes.append(.put(LibraryKeys.jobRequest(client: job.client, key: request.key), body, if: .absent))
    }
    return writes
  }

  /// The next items of a job, and how far its listing has come with them.
  public static func list(_ items: [JobItem], of job: Job, at version: ItemVersion) -> [Write] {
    [.put(LibraryKeys.job(job.id), job.json, if: .version(version))]
      + items.map { .put(LibraryKeys.jobItem(job.id, $0.number), $0.json, if: .absent) }
  }

  /// A job that goes another way.
  public static func update(_ job: Job, at version: ItemVersion) -> [Write] {
    [.put(LibraryKeys.job(job.id), job.json, if: .version(version))]
  }

  /// One item more, or less, that failed for a reason; `found` is what stands there.
  public static func count(
    _ reason: JobReason, by difference: Int, over found: (reason: JobReason, version: ItemVersion)?
  ) -> Write {
    var new = found?.reason ?? reason
    new.count = (found?.reason.count ?? 0) + difference
    let key = LibraryKeys.jobReason(reason.job, digest: reason.digest)
    guard let found else { return .put(key, new.json, if: .absent) }
    return new.count > 0
      ? .put(key, new.json, if: .version(found.version)) : .delete(key, if: .version(found.version))
  }
}

/// A request that began a job, as its client's key names it.
public struct JobRequestMark: Sendable, Hashable {
  public let job: ULID
  /// Of what was asked for: the same key with another one is a conflict.
  public let digest: String

  public init(job: ULID, digest: String) { (self.job, self.digest) = (job, digest) }

  private enum Key: String, CaseIterable { case job, digest }

  var json: [UInt8] {
    JSONWriter.object(capacity: 160) { json in
      json.field("job", job.text)
      json.field("digest", digest)
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let job = try fields.required(.job)
    guard let id = ULID(try job.string()) else { throw job.fault("this is no job's id") }
    self.init(job: id, digest: try fields.required(.digest).string())
  }
}

/// Why items of a job failed, and how many did.
public struct JobReason: Sendable, Hashable {
  public let job: ULID
  /// SHA-256 of the text, which may be too long for a key.
  public let digest: String
  public let reason: String
  public let code: String
  /// The first of them.
  public let item: Int
  public var count = 1

  public init(job: ULID, digest: String, reason: String, code: String, item: Int) {
    (self.job, self.digest, self.reason, self.code, self.item) = (job, digest, reason, code, item)
  }

  private enum Key: String, CaseIterable { case job, digest, reason, code, item, count }

  public var json: [UInt8] { JSONWriter.object(capacity: 512, write) }

  public func write(into json: inout JSONWriter) {
    json.field("job", job.text)
    json.field("digest", digest)
    json.field("reason", reason)
    json.field("code", code)
    json.field("item", item)
    json.field("count", count)
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    let job = try fields.required(.job)
    guard let id = ULID(try job.string()) else { throw job.fault("this is no job's id") }
    self.init(
      job: id, digest: try fields.required(.digest).string(), reason: try fields.required(.reason).string(),
      code: try fields.required(.code).string(), item: try fields.required(.item).integer(in: 0 ... .max))
    count = try fields.required(.count).integer(in: 0 ... .max)
  }
}

/// What one piece of an item gave: an object with the answers about its frames.
public struct JobPiece: Sendable, Hashable {
  /// SHA-256 of the frame answers.
  public let answers: String
  /// The process that made it.
  public let worker: String
  /// Microseconds of processors.
  public let processorTime: Int

  public init(answers: String, worker: String, processorTime: Int) {
    (self.answers, self.worker, self.processorTime) = (answers, worker, processorTime)
  }

  private enum Key: String, CaseIterable { case answers, worker, processor }

  public var json: [UInt8] {
    JSONWriter.object(capacity: 256) { json in
      json.field("answers", answers)
      json.field("worker", worker)
      json.field("processor", processorTime)
    }
  }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      answers: try fields.required(.answers).string(), worker: try fields.required(.worker).string(),
      processorTime: try fields.required(.processor).integer(in: 0 ... .max))
  }
}
