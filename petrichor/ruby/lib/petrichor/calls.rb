# frozen_string_literal: true

require 'openssl'
require 'socket'

# The nine calls as the protocol's first description has them.
module Petrichor
  # What both sides offer in ALPN, so that one port can tell Petrichor from others.
  ALPN = 'petrichor/1'

  # What `connect` answers.
  Connected = Struct.new(:conn, :header, :body)

  module_function

  # See Connection#read_chunk.
  def read_chunk(conn)
    conn.read_chunk
  end

  # See Connection#recv.
  def recv(conn)
    conn.recv
  end

  # See Connection#send. As with sockets, Ruby's own `send` is `__send__` here.
  def send(conn, header, body = '')
    conn.send(header, body)
  end

  # Connects, sends the first message and reads the answer, all within `timeout`. Denied is no error: ask
  # `connect_allowed`. `tls`: true, or a context as `client_context` makes it.
  def connect(host, port, header, body = '', timeout: CONNECT_SECONDS, tls: nil, hostname: host, **options)
    deadline = timeout && now + timeout
    io = Socket.tcp(host, port, connect_timeout: timeout)
    io = secure(io, tls == true ? client_context : tls, hostname, deadline) if tls
    over(io, header, body, timeout: deadline && deadline - now, **options)
  rescue Errno::ETIMEDOUT
    raise PeerTimeout, 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT'
  rescue StandardError
    io&.close
    raise
  end

  # `connect` over an IO that is connected already.
  def over(io, header, body = '', timeout: CONNECT_SECONDS, **options)
    deadline = timeout && now + timeout
    conn = Connection.new(io, **options)
    conn.send(header, body, deadline: deadline)
    answer = conn.recv(deadline: deadline)
    return Connected.new(conn, answer.header, answer.body) if answer

    raise Error.new('ERR_PETRICHOR_CLOSED_BEFORE_REPLY', 'cannot read the answer: the peer closed before it')
  end

  # What a server's first header says. Without `strict` a header that has no `allowed` allows.
  def connect_allowed(header, strict: false)
    return false if header.nil?

    key = header.key?(:allowed) ? :allowed : 'allowed'
    header.fetch(key, !strict) == true
  end

  # See Connection#accept.
  def accept(conn)
    conn.accept
  end

  # See Connection#peer_allowed.
  def peer_allowed(conn, header, msg = '')
    conn.peer_allowed(header, msg)
  end

  # See Connection#peer_denied.
  def peer_denied(conn, header, msg = '')
    conn.peer_denied(header, msg)
  end

  # See Connection#request.
  def request(conn, header, body = '')
    conn.request(header, body)
  end

  # A context that checks the server's certificate and name against `ca_file` or the system's authorities.
  def client_context(ca_file: nil, cert: nil, key: nil)
    context = context(cert, key)
    if ca_file
      context.ca_file = ca_file
    else
      context.cert_store = OpenSSL::X509::Store.new.tap(&:set_default_paths)
    end
    context.verify_mode = OpenSSL::SSL::VERIFY_PEER
    # `connect` checks the name itself, since addresses are to be checked as well.
    context.verify_hostname = false
    context
  end

  # A context for a server. With `client_ca_file` only clients are let in whose certificate one of those signed.
  def server_context(cert:, key:, client_ca_file: nil)
    context = context(cert, key)
    context.alpn_select_cb = ->(names) { names.include?(ALPN) ? ALPN : nil }
    if client_ca_file
      context.ca_file = client_ca_file
      context.verify_mode = OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT
    end
    context
  end

  # TLS for a client's connected socket.
  def secure(io, context, hostname, deadline)
    socket = OpenSSL::SSL::SSLSocket.new(io, context)
    socket.sync_close = true
    socket.hostname = hostname unless hostname.match?(/\A[\d.]+\z|:/)
    finish_tls(socket, deadline) { socket.connect_nonblock(exception: false) }
    socket.post_connection_check(hostname)
    socket
  end

  # TLS for a socket that a server accepted, within `timeout` seconds.
  def accept_tls(io, context, timeout: DEFAULT_LIMITS.handshake_seconds)
    socket = OpenSSL::SSL::SSLSocket.new(io, context)
    socket.sync_close = true
    finish_tls(socket, timeout && now + timeout) { socket.accept_nonblock(exception: false) }
    socket
  end

  def finish_tls(socket, deadline)
    loop do
      step = yield
      return unless step.is_a?(Symbol)

      left = deadline && deadline - now
      ready = (left.nil? || left.positive?) && socket.to_io.public_send(step, left)
      raise PeerTimeout, 'ERR_PETRICHOR_HANDSHAKE_TIMEOUT' unless ready
    end
  end

  def context(cert, key)
    context = OpenSSL::SSL::SSLContext.new
    context.min_version = OpenSSL::SSL::TLS1_2_VERSION
    context.alpn_protocols = [ALPN]
    if cert
      context.cert = OpenSSL::X509::Certificate.new(File.read(cert))
      context.key = OpenSSL::PKey.read(File.read(key))
    end
    context
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  private_class_method :secure, :finish_tls, :context, :now
end
