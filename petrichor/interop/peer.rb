# frozen_string_literal: true

# The Ruby peer of the interop matrix; see README.md beside this file.

$LOAD_PATH.unshift File.expand_path('../ruby/lib', __dir__)
require 'petrichor'

def handle(io, context)
  io = Petrichor.accept_tls(io, context) if context
  conn = Petrichor::Connection.new(io)
  hello = Petrichor.accept(conn)
  return if hello.nil?
  return Petrichor.peer_denied(conn, {}, 'YOU ARE NOT ON THE LIST') unless hello.header.key?('user')

  Petrichor.peer_allowed(conn, {}, 'WELCOME')
  conn.each { |message| Petrichor.send(conn, message.header, message.body) }
rescue Petrichor::Error, SystemCallError, OpenSSL::SSL::SSLError => e
  warn "server: #{e.message}"
ensure
  conn ? conn.close : io.close
end

def server(port, cert = nil, key = nil)
  context = cert && Petrichor.server_context(cert: cert, key: key)
  listener = TCPServer.new('127.0.0.1', port.to_i)
  puts "RUNNING 127.0.0.1 #{listener.addr[1]}"
  $stdout.flush
  loop { Thread.new(listener.accept) { |io| handle(io, context) } }
end

def check(holds, what)
  raise "not as it should be: #{what}" unless holds
end

def client(host, port, cases, ca_file = nil)
  tls = ca_file && Petrichor.client_context(ca_file: ca_file)
  conn, header, body = *Petrichor.connect(host, port.to_i, {}, tls: tls)
  check(!Petrichor.connect_allowed(header) && body == 'YOU ARE NOT ON THE LIST', header)
  conn.close
  conn, header, body = *Petrichor.connect(host, port.to_i, { user: 'ruby' }, tls: tls)
  check(Petrichor.connect_allowed(header, strict: true) && body == 'WELCOME', header)
  bodies = File.readlines(cases, chomp: true).map { |line| Petrichor::TNetstrings.parse([line].pack('H*')) }
  bodies << Array.new(1 << 20) { |i| i * 31 % 256 }.pack('C*')
  bodies.each_with_index do |sent, n|
    reply = Petrichor.request(conn, { n: n }, sent)
    check(reply.header == { 'n' => n } && reply.body.eql?(sent), [n, reply.header])
  end
  conn.close
  puts "OK #{bodies.size}"
end

ARGV.shift == 'server' ? server(*ARGV) : client(*ARGV)
