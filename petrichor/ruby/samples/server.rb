# frozen_string_literal: true

# The echo server of the protocol's first description, line by line; it lets in whoever says a user.
#   ruby -Ilib samples/server.rb HOST PORT

require 'petrichor'
require 'securerandom'

IDENT = SecureRandom.hex(16)
VERSION = '0.1'

def handle(conn)
  ident, = *Petrichor.accept(conn)
  return if ident.nil?

  reply = { 'ident' => IDENT, 'version' => VERSION }
  return Petrichor.peer_denied(conn, reply, 'YOU ARE NOT ON THE LIST') unless ident.key?('user')

  Petrichor.peer_allowed(conn, reply, 'WELCOME')

  # just keep looping until you get a nil which is returned on close
  while (message = Petrichor.recv(conn))
    puts "RECEIVED #{ident['user']} #{ident['ident']} #{message.header} #{message.body.inspect}"
    Petrichor.send(conn, {}, message.body)
  end

  puts 'ALL DONE'
rescue Petrichor::Error, SystemCallError => e
  puts "LOST #{e.message}"
ensure
  conn.close
end

$stdout.sync = true
server = TCPServer.new(ARGV[0], ARGV[1].to_i)
puts "RUNNING #{server.addr[3]} #{server.addr[1]}"
loop { Thread.new(server.accept) { |io| handle(Petrichor::Connection.new(io)) } }
