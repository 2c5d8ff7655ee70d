# frozen_string_literal: true

require_relative 'lib/petrichor/version'

Gem::Specification.new do |spec|
  spec.name = 'petrichor'
  spec.version = Petrichor::VERSION
  spec.summary = 'The Petrichor protocol primitives: paired TNetstrings over any IO, with limits and deadlines'
  spec.authors = ['The Cairn authors']
  spec.license = 'Apache-2.0'
  spec.required_ruby_version = '>= 3.0'
  spec.files = Dir['lib/**/*.rb', 'README.md']
end
