internal import Base

/// A site as a template of SAM: a function for tasks, a state machine that hands items out, and a way in by HTTP; nothing runs while there is no job.
struct AWSFiles {
  let site: RenderedSite
  /// Of the library, where the site says them.
  let bucket: (name: String, prefix: String)?
  /// The table that the template makes.
  let table: (region: String, name: String)?

  /// Faults are `badInput` and name the address that AWS would not take.
  init(_ site: RenderedSite) throws(Fault) {
    self.site = site
    if case .plain(let address)? = site.objects { bucket = try Self.bucket(address) } else { bucket = nil }
    if case .plain(let address)? = site.store, address.hasPrefix("dynamodb://") {
      table = try Self.table(address)
    } else {
      table = nil
    }
  }

  func files() throws(Fault) -> [RenderedFile] {
    guard site.isShared else {
      throw Fault(
        .unsupported,
        "functions need a library that is shared: give the site store (dynamodb://REGION/TABLE, or {secret: env:RIDLEY_STORE}) and objects"
      )
    }
    var text = head + parameters + globals + functions + access + items
    if table != nil { text += libraryTable }
    text += machine + alarms + outputs
    return [RenderedFile("template.yaml", text)]
  }

  private static func bucket(_ address: String) throws(Fault) -> (name: String, prefix: String) {
    let parts = address.dropFirst(5).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, prefix) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    let isBucket = (3...63).contains(name.utf8.count) && isMade(name, of: "abcdefghijklmnopqrstuvwxyz0123456789.-")
    guard isBucket, !prefix.isEmpty, isMade(prefix, of: letters + "._-/"), !prefix.hasSuffix("/") else {
      throw Fault(
        .badInput,
        "'\(address)' cannot be rendered for aws: expected s3://BUCKET/PREFIX, the prefix of letters, digits, '.', '_', '-' and '/', because rights are given by it"
      )
    }
    return (name, prefix)
  }

  private static func table(_ address: String) throws(Fault) -> (region: String, name: String) {
    let parts = address.dropFirst("dynamodb://".utf8.count).split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, isMade(String(parts[0]), of: "abcdefghijklmnopqrstuvwxyz0123456789-"),
      (3...255).contains(parts[1].utf8.count), isMade(String(parts[1]), of: letters + "._-")
    else {
      throw Fault(.badInput, "'\(address)' cannot be rendered for aws: expected dynamodb://REGION/TABLE without more")
    }
    return (String(parts[0]), String(parts[1]))
  }

  private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

  private static func isMade(_ text: String, of marks: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { marks.utf8.contains($0) }
  }

  private var head: YAMLText {
    let left = RenderTarget.aws.leftOut(of: site)
    let without: YAMLText =
      left.isEmpty
      ? ""
      : "# Nothing here does what the site says of \(word: left.joined(separator: ", ")): those are of servers, and functions go without.\n"
    return """
      # Rendered by 'ridley deploy render --to aws' from a site: change that, and render again (docs/rendering.md). Previewed before anything is changed:
      #   aws cloudformation deploy --template-file template.yaml --stack-name \(word: site.title) --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND --no-execute-changeset --parameter-overrides ImageUri=…

      """ + without + """
        AWSTemplateFormatVersion: "2010-09-09"
        Transform: AWS::Serverless-2016-10-31
        Description: \(quoted: "Jobs of Ridley by Step Functions and Lambda\(site.isTaskKeeperKnown ? ", and POST /v1/analyses without a server" : ""): \(site.title)")


        """
  }

  private var parameters: YAMLText {
    let defaults: (YAMLText, YAMLText) =
      bucket.map { ("    Default: \(quoted: $0.name)\n", "    Default: \(quoted: $0.prefix)\n") } ?? ("", "")
    return """
      Parameters:
        ImageUri:
          Type: String
          Description: The image of functions, in a registry of this account (ECR), by its digest
        LibraryBucket:
          Type: String
          Description: The bucket that holds the library's objects; it is there already

      """ + defaults.0 + """
          LibraryPrefix:
            Type: String

        """ + defaults.1 + network + """
            AlarmTopic:
              Type: String
              Default: ""
              Description: The ARN of a topic (SNS) that is told of alarms; empty for nobody

          Conditions:
            HasTopic: !Not [!Equals [!Ref AlarmTopic, ""]]


          """
  }

  /// The addresses that are read from a secret, by its keys.
  private var secrets: [String] {
    [("store", site.store), ("bus", site.bus)].compactMap { if case .variable? = $1 { $0 } else { nil } }
  }

  /// PostgreSQL and Redis are reached inside of a network.
  private var network: YAMLText {
    let words = secrets.map { "'\($0)', as RIDLEY_\($0.uppercased()) has it" }.joined(separator: ", and ")
    let secret: YAMLText =
      secrets.isEmpty
      ? ""
      : """
        AddressesSecret:
          Type: String
          Description: \(quoted: "The ARN of a secret with " + words)

      """
    return secret + """
        Subnets:
          Type: List<AWS::EC2::Subnet::Id>
          Description: From which the library can be reached, by endpoints of your network where there is no way out of it
        SecurityGroups:
          Type: List<AWS::EC2::SecurityGroup::Id>

      """
  }

  /// What both functions have.
  private var globals: YAMLText {
    var text: YAMLText = """
      Globals:
        Function:
          Architectures: [x86_64]
          Timeout: 900
          Environment:
            Variables:
              RIDLEY_HOME: /tmp/ridley # all that may be written to
              RIDLEY_CACHE: /tmp/cache
              RIDLEY_OBJECTS: !Sub s3://${LibraryBucket}/${LibraryPrefix}

      """
    // The text of a secret stands in the function's settings: who may read those may read the library.
    for (key, address) in [("store", site.store), ("bus", site.bus)] {
      let name = "        RIDLEY_\(key.uppercased()): "
      switch address {
      case .plain(let address): text += "\(word: name)\(quoted: address)\n"
      case .variable:
        text += "\(word: name)!Sub \"{{resolve:secretsmanager:${AddressesSecret}:SecretString:\(word: key)}}\"\n"
      case nil: break
      }
    }
    return text + """
          VpcConfig:
            SubnetIds: !Ref Subnets
            SecurityGroupIds: !Ref SecurityGroups


      """
  }
}
